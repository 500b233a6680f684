//! Keeps what is known of the clocks in step with the history they follow from.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use database::{Db, Id, Tx};
use tokio::sync::OnceCell;
use wire::Reference;

use super::stopped::{self, Stopped};
use crate::domain::moments::{Moment, Spells, Step, moments};
use crate::domain::reading::{Fired, Planned};
use crate::domain::rulebook::Rulebook;
use crate::domain::{Complaint, Entry};
use crate::store;
use crate::store::complaints::Key;
use crate::store::due_times::DueRow;
use crate::store::ranks::Ranked;
use crate::store::rulebook::{self, Dealing};
use crate::store::{complaints, due_times, escalations, ranks, rebuilds};

/// Complaints to a transaction of a rebuild: enough to pay for the commit, few enough that nobody waits long.
const BATCH: i64 = 200;

/// The rules as they are for one transaction: read when the first complaint is reckoned by them, and held until it ends.
#[derive(Debug, Default)]
pub(super) struct Rules(OnceCell<Rulebook>);

impl Rules {
    pub(super) async fn read(&self, tx: &mut Tx) -> database::Result<&Rulebook> {
        let read = async || {
            rulebook::hold(tx, Dealing::Reckoning).await?;
            rulebook::load(tx).await
        };
        self.0.get_or_try_init(read).await
    }
}

/// Starts the clocks of a complaint that is new and has this history.
pub(super) async fn start(
    tx: &mut Tx,
    rules: &Rules,
    complaint: &mut Complaint,
    entries: &[Entry],
    now: DateTime<Utc>,
) -> database::Result<()> {
    let received_at = complaint.timeline.received_at;
    note_rank(tx, complaint, received_at).await?;
    let steps: Vec<_> = entries.iter().map(|entry| Step { seq: entry.seq, past: entry.into() }).collect();
    let history = moments(&steps, &[(complaint.timeline.version, complaint.rank(), received_at)]);
    let state = ClockState::of(&history, BTreeSet::new(), rules.read(tx).await?, now)?;
    state.begin(tx, complaint).await
}

/// Takes in what became of a complaint by an entry of this date.
pub(super) async fn go_on(
    tx: &mut Tx,
    rules: &Rules,
    complaint: &mut Complaint,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> database::Result<()> {
    let known = ranks::of(tx, complaint.id).await?;
    if known.last().is_none_or(|last| last.rank != complaint.rank()) {
        // Of a complaint from before ranks were kept: it always had the first one that is known.
        let at = if known.is_empty() { complaint.timeline.received_at } else { at };
        note_rank(tx, complaint, at).await?;
    }
    reckon(tx, rules, complaint, now).await
}

async fn note_rank(tx: &mut Tx, complaint: &Complaint, at: DateTime<Utc>) -> database::Result<()> {
    let ranked = Ranked { seq: complaint.timeline.version, at, rank: complaint.rank() };
    ranks::add(tx, complaint.id, &ranked).await
}

async fn reckon(tx: &mut Tx, rules: &Rules, complaint: &mut Complaint, now: DateTime<Utc>) -> database::Result<()> {
    let rules = rules.read(tx).await?;
    ClockState::load(tx, complaint, rules, now).await?.keep(tx, complaint).await
}

/// The clocks of a complaint, and who has been told of them.
pub(super) struct ClockState<'a> {
    spells: Spells,
    fired: BTreeSet<Fired>,
    rules: &'a Rulebook,
    as_of: DateTime<Utc>,
}

impl<'a> ClockState<'a> {
    /// As of now, or of the latest that is known: what is kept must not depend on when it was reckoned.
    pub(super) async fn load(
        tx: &mut Tx,
        complaint: &Complaint,
        rules: &'a Rulebook,
        now: DateTime<Utc>,
    ) -> database::Result<Self> {
        let history = store::moments::of(tx, complaint).await?;
        let fired = escalations::fired(tx, complaint.id).await?;
        Self::of(&history, fired, rules, now)
    }

    fn of(
        history: &[Moment],
        fired: BTreeSet<Fired>,
        rules: &'a Rulebook,
        now: DateTime<Utc>,
    ) -> database::Result<Self> {
        let last = history.last().map(|moment| moment.at);
        let as_of = [rules.latest(), last].into_iter().flatten().fold(now, DateTime::max);
        let spells = Spells::of(history, as_of).map_err(database::Error::other)?;
        Ok(Self { spells, fired, rules, as_of })
    }

    /// The steps that are due, taken to be told of.
    pub(super) fn take_steps(&mut self, now: DateTime<Utc>) -> Vec<Planned> {
        self.spells.take_steps(self.rules, self.as_of, now, &mut self.fired)
    }

    /// Keeps how they stand, and tells the complaint.
    pub(super) async fn keep(&self, tx: &mut Tx, complaint: &mut Complaint) -> database::Result<()> {
        let rows = self.reckon(complaint);
        due_times::replace(tx, complaint.id, &rows).await?;
        complaints::judge(tx, complaint).await
    }

    /// The same, where nothing is kept yet.
    async fn begin(&self, tx: &mut Tx, complaint: &mut Complaint) -> database::Result<()> {
        let rows = self.reckon(complaint);
        due_times::insert(tx, &rows).await?;
        complaints::judge(tx, complaint).await
    }

    fn reckon(&self, complaint: &mut Complaint) -> Vec<DueRow> {
        let dues = self.spells.dues(self.rules, self.as_of);
        let plan = self.spells.plan(self.rules, self.as_of, &self.fired);
        complaint.clocks.reckon(&dues);
        DueRow::of(complaint.id, &dues, &plan)
    }
}

/// Reckons some complaints anew for which a change of the rules asked, and says how many; none when all is done or
/// another worker is at it. Goes on where it was after a restart.
pub async fn rebuild_clocks(db: &Db, now: DateTime<Utc>) -> database::Result<usize> {
    let mut conn = db.read().await?;
    let wanted = rebuilds::is_wanted(&mut conn).await?;
    drop(conn);
    if !wanted {
        return Ok(0);
    }
    match rebuild_part(db, now, BATCH).await {
        Ok(Some(done)) => Ok(done),
        // Somebody is changing the very next one: it alone is waited for, so that nobody waits in a circle.
        Ok(None) => rebuild_next(db, now).await,
        // Each alone, so that only the one that cannot be done is passed over.
        Err(stopped) if stopped.is_of_one() => {
            let mut done = 0;
            for _ in 0..BATCH {
                match rebuild_next(db, now).await? {
                    0 => break,
                    more => done += more,
                }
            }
            Ok(done)
        }
        Err(stopped) => Err(stopped.into_cause()),
    }
}

/// Reckons the next complaint anew, or passes over it where that cannot be done.
async fn rebuild_next(db: &Db, now: DateTime<Utc>) -> database::Result<usize> {
    match rebuild_part(db, now, 1).await {
        Ok(done) => Ok(done.unwrap_or(0)),
        Err(stopped) => {
            let id = stopped.culprit("reckoning clocks anew")?;
            let mut tx = db.begin().await?;
            // Unless another change of the rules has begun anew meanwhile.
            if let Some(rebuild) = rebuilds::claim(&mut tx).await?
                && rebuilds::candidates(&mut tx, &rebuild, 1).await? == [id]
            {
                rebuilds::advance(&mut tx, Some(id)).await?;
            }
            tx.commit().await?;
            Ok(1)
        }
    }
}

/// Nothing where the next complaint is in somebody else's hands, unless it is asked for alone.
async fn rebuild_part(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Option<usize>, Stopped> {
    let mut tx = db.begin().await?;
    let Some(rebuild) = rebuilds::claim(&mut tx).await? else { return Ok(Some(0)) };
    let candidates = rebuilds::candidates(&mut tx, &rebuild, limit).await?;
    let ids = match candidates[..] {
        [only] if limit == 1 => rebuilds::lock_one(&mut tx, only).await?,
        _ => rebuilds::lock_free(&mut tx, &candidates).await?,
    };
    if ids.is_empty() && !candidates.is_empty() {
        return Ok(None);
    }
    let rules = Rules::default();
    let rules = rules.read(&mut tx).await?;
    for id in &ids {
        reckon_anew(&mut tx, *id, rules, now).await.map_err(stopped::at(*id))?;
    }
    rebuilds::advance(&mut tx, ids.last().copied()).await?;
    tx.commit().await?;
    Ok(Some(ids.len()))
}

async fn reckon_anew(tx: &mut Tx, id: Id, rules: &Rulebook, now: DateTime<Utc>) -> database::Result<()> {
    let key = Key::Reference(Reference::Id(id.get()));
    let Some(mut complaint) = complaints::find(tx, &key).await? else { return Ok(()) };
    ClockState::load(tx, &complaint, rules, now).await?.keep(tx, &mut complaint).await
}
