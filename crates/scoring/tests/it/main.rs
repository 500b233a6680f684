//! The service as its callers see it: the real router on a free port, on both databases.

mod contract;
mod explanation;
mod facts;
mod merges;
mod migrations;
mod rescoring;
mod scores;
mod support;
