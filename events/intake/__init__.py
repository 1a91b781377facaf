"""Events of the services around, taken in: kept first, then done once each by what apps above have registered."""
