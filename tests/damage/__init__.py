"""Damaged files, by the hundred thousand, and what the readers make of them.

python -m tests.damage --files 100000 --seed 1    read so many, and count what came of them
python -m tests.damage --seed 1 --case npz:123    make and read one of them again
"""
