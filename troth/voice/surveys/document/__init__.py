"""A survey's document: its shapes, how it is read and checked, which pages an answer sheet goes through."""
