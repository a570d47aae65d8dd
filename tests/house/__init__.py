"""The house: what stands around the code, held to the code and to the outside's rules."""
