"""Opening and finding tips: the queue, what an arrival becomes, search, related tips, who must not see."""
