"""Who is on call: rotations that are entered, and whom they name at an instant."""
