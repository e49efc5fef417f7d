"""What goes to the police: referrals and those who receive them."""
