//! The promises of the bus, on both databases and both buses.

mod delivery;
mod failure;
mod outage;
mod world;
