//! The service as its callers see it: the real router on a free port, on both databases.

mod amend;
mod attachments;
mod bulk;
mod causes;
mod clocks;
mod contract;
mod corrective_actions;
mod desk;
mod escalations;
mod external;
mod history;
mod imports;
mod intake;
mod life;
mod linking;
mod lists;
mod mail;
mod merges;
mod migrations;
mod portal;
mod queue;
mod related;
mod restricted;
mod service_levels;
mod service_report;
mod support;
