"""What the effects of incidents do: load the current state, render the card, hand it to the Discord port."""
