"""Generated programs: what mypy says of each is compared with its runs, and with PyTorch.

`program` holds what a program is, `sources` and its like draw right ones, `mistakes` puts mistakes
into them, `running` and `checking` find out what Python and mypy make of them, `judging` compares,
`shrinking` makes small what disagrees, and `counting` tells how often each op was met.
`python -m tests.agreement` is the long run.
"""
