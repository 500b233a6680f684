//! Where the demo world happens, and who of us acts in it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use complaints_contract::{ComplaintEntry, ComplaintId, Happening};
use database::Db;
use gateway::v1::UserId;
use indicatif::ProgressBar;
use messaging::Act;
use wire::Page;

use crate::inside::{Inside, InsideError};

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("registry: {0}")]
    Registry(#[from] registry::Error),
    #[error("interactions: {0}")]
    Interactions(#[from] interactions::Error),
    #[error("complaints: {0}")]
    Complaints(#[from] complaints::Error),
    #[error(transparent)]
    Inside(#[from] InsideError),
}

/// The databases of the services whose commands are given, and the users who give them.
pub struct Stage<'a> {
    pub registry: Db,
    pub interactions: Db,
    pub complaints: Db,
    /// Moves on with every act.
    pub bar: &'a ProgressBar,
    inside: &'a Inside<'a>,
    colleagues: HashMap<String, UserId>,
}

impl<'a> Stage<'a> {
    pub fn new(inside: &'a Inside<'a>, colleagues: HashMap<String, UserId>, bar: &'a ProgressBar) -> Self {
        let db = |service: &str| inside.context(service).db.clone();
        Self {
            registry: db("registry"),
            interactions: db("interactions"),
            complaints: db("complaints"),
            bar,
            inside,
            colleagues,
        }
    }

    /// An act of one of us, or of nobody in particular.
    pub fn act(&self, login: Option<&str>, at: DateTime<Utc>) -> Act {
        match login.and_then(|login| self.colleagues.get(login)) {
            Some(id) => Act::new(format!("user:{id}"), None, at),
            None => Act::system(at),
        }
    }

    /// How far an earlier start came with a complaint.
    pub async fn steps_taken(&self, id: ComplaintId) -> Result<usize, ReplayError> {
        let history: Page<ComplaintEntry> =
            self.inside.get(&format!("/api/v1/complaints/{id}/history?limit=200")).await?;
        Ok(history.items.iter().filter(|entry| is_step(entry.what)).count())
    }
}

/// Whether it is one of the plan's steps; the plan knows no others, and linking and amending come about by themselves.
fn is_step(what: Happening) -> bool {
    match what {
        Happening::Acknowledged
        | Happening::Assessed
        | Happening::InvestigationStarted
        | Happening::Responded
        | Happening::Resolved
        | Happening::Closed
        | Happening::Reopened
        | Happening::Withdrawn => true,
        Happening::Opened
        | Happening::Linked
        | Happening::Amended
        | Happening::Contained
        | Happening::Informed
        | Happening::CustomerWrote
        | Happening::WaitStarted
        | Happening::Resumed
        | Happening::Accepted
        | Happening::Escalated
        | Happening::FollowedUp
        | Happening::Rejected => false,
    }
}
