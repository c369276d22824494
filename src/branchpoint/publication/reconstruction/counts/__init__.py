"""Counts: what a report says of numbers of patients, as whole patients with a level of every category.

`statements` and `milestones` are what is said, `joint_table` and `cliques` the tables that hold it, `categories` the
draw. What is measured in patients is in `branchpoint.publication.reconstruction.values`.
"""
