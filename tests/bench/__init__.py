"""Figures: the bot beside its peers and the floor, measured in one run. Not part of `make test`."""
