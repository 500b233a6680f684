//! A believable world to look at: the same people, companies, meetings and complaints at every first start.

mod colleagues;
mod customers;
mod meetings;
mod names;
mod phrases;
mod places;
mod random;
mod replay;
mod seats;
mod troubles;
pub mod world;

use std::time::{Duration, Instant};

use chrono::{NaiveDate, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use registry_contract::Customer;
use scoring_contract::Score;
use serde::{Deserialize, Serialize};
use wire::Page;

use crate::credentials::{Login, api_key};
use crate::folder::{Folder, FolderError};
use crate::inside::{Inside, InsideError};
use crate::keys::NoRandom;
use replay::{ReplayError, Stage};
use world::World;

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
    Begun { began: NaiveDate, administrator: Login, api_key: String },
    Complete(Demo),
}

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("--demo fills an empty world only, and this one has customers already; start without --demo, or name another folder with --data")]
    Inhabited,
    #[error("{MARKER} in the data folder is no note of a demo world: {0}")]
    Marker(#[from] serde_json::Error),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("the demo world cannot be told: {0}")]
    Replay(#[from] ReplayError),
    #[error("the demo world cannot be followed: {0}")]
    Inside(#[from] InsideError),
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// What is to be told, and by whom it may be looked at.
pub struct Telling<'a> {
    folder: &'a Folder,
    began: NaiveDate,
    pub administrator: Login,
    pub api_key: String,
}

/// What `--demo` comes to at this start.
pub enum Beginning<'a> {
    /// It was told before, and is left as it is.
    Told(Demo),
    /// It is to be told, perhaps from where an interrupted start left off.
    ToTell(Telling<'a>),
}

/// Looks whether this folder's demo world is still to be told, and settles who may look at it.
pub fn begin(folder: &Folder) -> Result<Beginning<'_>, DemoError> {
    let note = folder.read(MARKER)?;
    match note.map(|note| serde_json::from_slice(&note)).transpose()? {
        Some(Marker::Complete(demo)) => Ok(Beginning::Told(demo)),
        Some(Marker::Begun { began, administrator, api_key }) => {
            eprintln!("The demo world was interrupted half-way; going on with it.");
            Ok(Beginning::ToTell(Telling { folder, began, administrator, api_key }))
        }
        None => {
            let began = Utc::now().date_naive();
            Ok(Beginning::ToTell(Telling { folder, began, administrator: Login::random("admin")?, api_key: api_key()? }))
        }
    }
}

impl Telling<'_> {
    /// Tells the world. Every thing of it has an id of its own from the plan, so telling it again changes nothing.
    pub async fn tell(self, inside: &Inside<'_>) -> Result<Demo, DemoError> {
        let Self { folder, began, administrator, api_key } = self;
        if folder.read(MARKER)?.is_none() {
            ensure_empty(inside).await?;
            note_down(folder, &Marker::Begun { began, administrator: administrator.clone(), api_key: api_key.clone() })?;
        }
        tell(&World::generate(began), inside).await?;
        let strategic_customer = strategic_customer(inside).await?;
        let demo = Demo { began, administrator, api_key, strategic_customer };
        note_down(folder, &Marker::Complete(demo.clone()))?;
        Ok(demo)
    }
}

async fn ensure_empty(inside: &Inside<'_>) -> Result<(), DemoError> {
    let customers: Page<Customer> = inside.get("/api/v1/customers?limit=1").await?;
    if customers.items.is_empty() { Ok(()) } else { Err(DemoError::Inhabited) }
}

async fn strategic_customer(inside: &Inside<'_>) -> Result<String, DemoError> {
    let customers: Page<Customer> = inside.get("/api/v1/customers?tier=S&sort=code&limit=1").await?;
    Ok(customers.items.into_iter().map(|customer| customer.code).next().unwrap_or_default())
}

fn note_down(folder: &Folder, marker: &Marker) -> Result<(), DemoError> {
    Ok(folder.write_private(MARKER, &serde_json::to_vec_pretty(marker)?)?)
}

async fn tell(world: &World, inside: &Inside<'_>) -> Result<(), DemoError> {
    let stage = Stage::new(inside, colleagues::admit(inside).await?);
    let bar = ProgressBar::new(replay::acts(world)).with_style(style());
    bar.set_message("Telling the demo world");
    let began = Instant::now();
    replay::introduce(world, &stage, &bar).await?;
    tracing::info!(elapsed = ?began.elapsed(), "the demo world's customers are created");
    // Complaints are due by the tier of a customer who is known.
    settled(inside).await?;
    replay::live(world, &stage, &bar).await?;
    tracing::info!(elapsed = ?began.elapsed(), "the demo world's interactions and complaints are created");
    bar.set_message("Letting the services catch up");
    settled(inside).await?;
    scored(world, inside).await?;
    tracing::info!(elapsed = ?began.elapsed(), "the demo world is complete");
    bar.finish_and_clear();
    Ok(())
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

/// Returns when every customer has a score.
async fn scored(world: &World, inside: &Inside<'_>) -> Result<(), DemoError> {
    let began = Instant::now();
    loop {
        let scores: Page<Score> = inside.get("/api/v1/scores?limit=1&count=exact").await?;
        if scores.count.is_some_and(|count| count >= world.customers.len() as i64) {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            tracing::warn!("not every customer of the demo world has a score yet; they come later");
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
