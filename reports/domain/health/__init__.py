"""How the site itself is: what maintenance last did, what is wrong and what to do; never a word of what was sent."""
