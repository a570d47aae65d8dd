"""State machines that click, crash, wait and break things in any order, at two replicas (`process.py` says how).

`CT_BOT_EXAMPLES=500 pytest tests/machines` looks longer than `make test` does.
"""
