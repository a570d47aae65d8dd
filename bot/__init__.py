"""ct-bot: look after Cucumber Tony Wi-Fi from Slack.

The layers, top to bottom; an arrow never points up (import-linter holds this):

    __main__, app     the command line; `create_app(settings)` builds and wires everything
    slack | web       Bolt, the command grammar, views | the HTTP routes (they never import each other)
    doctor            looks at everything that the bot depends on
    services          use cases: linking, sessions, operations, follow-up. No Slack, no web
    stores            Redis: one class, one key pattern, one time to live per file
    ct                the CT client; imports nothing of the bot
    settings, errors, identity, log, crypto, tasks

`sandbox` (a practice CT and a practice Slack over real HTTP) stands outside and imports none of them.
"""

__version__ = "0.1.0"
