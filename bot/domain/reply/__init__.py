"""How a reply looks, paces itself and ends."""
