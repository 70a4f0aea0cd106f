"""Calls of every registered rule, right and wrong, and what they are compared with.

`trial` is one call: what the rule says of it, and what the op does. `arguments` draws calls from
the annotations of a rule's parameters, `rows` from the table of ops, `functions` finds a rule's op,
`peers` knows NumPy's functions, and `symbols` puts symbols in the place of sizes. A new op comes
with its rule and its row, and so is drawn. `tests/test_rules.py` compares.
"""
