//! A believable world to look at: the same people, companies, meetings and complaints at every first start.

mod arrivals;
mod colleagues;
mod customers;
mod doings;
mod meetings;
mod names;
mod phrases;
mod places;
mod random;
mod seats;
mod stage;
mod telling;
mod troubles;
mod world;

pub use telling::{Beginning, Demo, DemoError, Telling, begin};
