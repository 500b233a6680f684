#![doc = include_str!("../README.md")]

pub mod cli;
mod credentials;
mod demo;
mod folder;
mod heaps;
pub mod house;
mod import;
mod inside;
mod keys;
mod places;
mod serve;

pub use cli::main;
