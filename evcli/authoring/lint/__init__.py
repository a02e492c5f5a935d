"""What is wrong with rules before anybody deploys them.

`subjects` turns files, patterns and rules into plain data; a module for each kind of
check (`pattern_texts`, `pattern_meanings`, `held_against`, `targets`, `inputs`,
`schedules`, `rules`) goes from that to findings; `catalogue` says what each id stands
for, and `checking` runs them all.

What AWS itself refuses is found by the code that refuses it in evcli's own operations.
"""
