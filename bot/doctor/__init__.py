"""Looks at everything that the bot depends on and says of each thing: fine, or what is wrong and what to do.

It changes nothing anywhere, beyond one key of its own in Redis that lives for ten seconds. No finding holds a secret.
"""
