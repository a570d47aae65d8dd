"""The guarantees, attacked: one row of the table after the other, against the real thing. `make prove` runs them."""
