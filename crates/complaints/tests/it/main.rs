//! The service as its callers see it: the real router on a free port, on both databases.

mod amend;
mod bulk;
mod causes;
mod contract;
mod corrective_actions;
mod external;
mod history;
mod imports;
mod intake;
mod life;
mod linking;
mod lists;
mod merges;
mod migrations;
mod support;
