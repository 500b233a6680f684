#![doc = include_str!("../README.md")]

mod api;
mod broker;
mod databases;
mod keys;
mod program;
mod proxy;
mod system;
mod waiting;

pub use api::{Answer, Api};
pub use broker::{DeadLetter, Tap};
pub use program::Build;
pub use system::{SERVICES, System};
pub use waiting::{PATIENCE, Tries, eventually};
