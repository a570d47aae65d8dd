# The bot and what it needs to run, compiled; nothing that builds, installs or tests is in the result.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/builder && python -m venv --without-pip /opt/ct-bot
COPY .ci/lock/ lock/
RUN pip --python /opt/builder install --require-hashes --only-binary :all: -r lock/build.txt \
 && pip --python /opt/ct-bot install --no-compile --require-hashes --only-binary :all: -r lock/run.txt
COPY pyproject.toml README.md LICENSE manifest.yml ./
COPY bot/ bot/
RUN /opt/builder/bin/hatchling build -t wheel -d dist \
 && pip --python /opt/ct-bot install --no-compile --no-deps dist/*.whl \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/ct-bot/lib

FROM python:${PYTHON}-slim
RUN pip uninstall --yes --root-user-action=ignore pip && rm -rf /usr/local/lib/python3*/ensurepip \
 && groupadd --gid 10001 ct-bot && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin ct-bot
COPY --from=build /opt/ct-bot /opt/ct-bot
ENV PATH=/opt/ct-bot/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=3000
# Numeric, so that a cluster can check that it is not root.
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=5s --retries=3 CMD ["python", "-c", \
  "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["ct-bot"]
CMD ["serve"]
