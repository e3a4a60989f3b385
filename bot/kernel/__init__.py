"""What every part stands on, without knowledge of any: clock, refusals, text, times, limits and message shapes."""
