//! Tells the demo world: looks whether it is told, tells what is missing, remembers that it is told.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use registry_contract::Customer;
use serde::{Deserialize, Serialize};
use wire::Page;

use super::stage::{ReplayError, Stage};
use super::world::{Slice, Span, World};
use super::{arrivals, colleagues, doings};
use crate::credentials::{Login, api_key};
use crate::folder::{Folder, FolderError};
use crate::inside::{Inside, InsideError};
use crate::keys::NoRandom;

const MARKER: &str = "demo.json";

/// How often to look whether the services have caught up: they are woken by the bus, this only watches.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long nothing may move before the rest is left to happen while the house is open.
const PATIENCE: Duration = Duration::from_secs(20);

/// A demo world that is told to its end, and how to get in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demo {
    /// The world's "today": the day of its first start.
    pub began: NaiveDate,
    pub administrator: Login,
    pub api_key: String,
    /// Code of a customer worth looking at.
    pub strategic_customer: String,
}

/// What the data folder remembers.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Marker {
    /// Being told; the next start goes on with it.
    Begun(Telling),
    Complete(Demo),
}

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("{MARKER} in the data folder is no note of a demo world: {0}")]
    Marker(#[from] serde_json::Error),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("the demo world cannot be told: {0}")]
    Replay(#[from] ReplayError),
    #[error("the demo world cannot be scored: {0}")]
    Scoring(#[from] database::Error),
    #[error("the demo world cannot be followed: {0}")]
    Inside(#[from] InsideError),
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// A world to be told, and who may look at it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Telling {
    began: NaiveDate,
    /// Everything before this instant is told.
    told: Option<DateTime<Utc>>,
    pub administrator: Login,
    pub api_key: String,
}

/// What `--demo` comes to at this start.
pub enum Beginning {
    /// It was told before, and is left as it is.
    Told(Demo),
    /// It is to be told from the beginning.
    Fresh(Telling),
    /// An earlier start was interrupted while telling.
    Interrupted(Telling),
}

/// Looks whether this folder's demo world is still to be told, and settles who may look at it.
pub fn begin(folder: &Folder) -> Result<Beginning, DemoError> {
    Ok(match folder.read(MARKER)?.map(|note| serde_json::from_slice(&note)).transpose()? {
        Some(Marker::Complete(demo)) => Beginning::Told(demo),
        Some(Marker::Begun(telling)) => Beginning::Interrupted(telling),
        None => {
            let (began, administrator) = (Utc::now().date_naive(), Login::random("admin")?);
            Beginning::Fresh(Telling { began, told: None, administrator, api_key: api_key()? })
        }
    })
}

impl Telling {
    /// From here on the next start goes on with it.
    pub fn note_down(&self, folder: &Folder) -> Result<(), DemoError> {
        note_down(folder, &Marker::Begun(self.clone()))
    }

    /// Tells slice by slice, so that every score has a history. Things have ids of their own from the plan: telling a
    /// slice again, after an interruption, changes nothing.
    pub async fn tell(mut self, again: bool, folder: &Folder, inside: &Inside<'_>) -> Result<Demo, DemoError> {
        let world = World::generate(self.began);
        let bar = ProgressBar::new(world.acts() as u64).with_style(style()).with_message("Telling the demo world");
        let stage = Stage::new(inside, colleagues::admit(inside).await?, &bar);
        for slice in Slice::of(Span::until(self.began), self.told, again) {
            tell(&world, slice, &stage, inside).await?;
            self.told = Some(slice.until);
            self.note_down(folder)?;
        }
        bar.finish_and_clear();
        let Self { began, administrator, api_key, .. } = self;
        let demo = Demo { began, administrator, api_key, strategic_customer: strategic_customer(inside).await? };
        note_down(folder, &Marker::Complete(demo.clone()))?;
        Ok(demo)
    }
}

async fn tell(world: &World, slice: Slice, stage: &Stage<'_>, inside: &Inside<'_>) -> Result<(), DemoError> {
    if arrivals::arrive(world, slice, stage).await? {
        // Complaints are due by the tier of a customer who is known.
        settled(inside).await?;
    }
    doings::happen(world, slice, stage).await?;
    settled(inside).await?;
    rescore(inside, slice.until).await
}

/// Scores everyone as of an instant, those of whom nothing was heard included: closeness fades.
async fn rescore(inside: &Inside<'_>, as_of: DateTime<Utc>) -> Result<(), DemoError> {
    const EVERYONE: i64 = 1_000;
    let db = &inside.context("scoring").db;
    scoring::mark_stale(db, as_of, as_of, EVERYONE).await?;
    while scoring::rescore(db, as_of).await? > 0 {}
    Ok(())
}

async fn strategic_customer(inside: &Inside<'_>) -> Result<String, DemoError> {
    let customers: Page<Customer> = inside.get("/api/v1/customers?tier=S&sort=code&limit=1").await?;
    Ok(customers.items.into_iter().map(|customer| customer.code).next().unwrap_or_default())
}

fn note_down(folder: &Folder, marker: &Marker) -> Result<(), DemoError> {
    Ok(folder.write_private(MARKER, &serde_json::to_vec_pretty(marker)?)?)
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg} {bar:30} {percent}%").unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Returns when every event has reached whom it concerns.
async fn settled(inside: &Inside<'_>) -> Result<(), DemoError> {
    let mut least = u64::MAX;
    let mut moved = Instant::now();
    loop {
        let waiting = inside.waiting().await?;
        if waiting == 0 {
            return Ok(());
        }
        if waiting < least {
            (least, moved) = (waiting, Instant::now());
        }
        if moved.elapsed() > PATIENCE {
            tracing::warn!(waiting, "the demo world's events are slow; they arrive later");
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
