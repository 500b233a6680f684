//! The service as its callers see it: the real router on a free port, on both databases.

mod amend;
mod attachments;
mod bulk;
mod causes;
mod contract;
mod corrective_actions;
mod desk;
mod external;
mod history;
mod imports;
mod intake;
mod life;
mod linking;
mod lists;
mod mail;
mod migrations;
mod portal;
mod related;
mod restricted;
mod support;
