//! The whole product in one process, used through the gateway only.

mod demo;
mod import;
mod process;
mod restart;
mod story;
mod system;
