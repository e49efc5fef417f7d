"""What was done: the chained record, who may write it, whether it is whole, and what is counted from it."""
