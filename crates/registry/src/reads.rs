//! Who reads what is known of contacts. A read waits for no writer: it is noted in memory, and written down a moment later,
//! many at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chassis::Context;
use chrono::{DateTime, NaiveDate, Utc};
use database::Db;
use messaging::Act;
use registry_contract::{ContactId, ContactReadId, ContactReadKind};

use crate::memory::Memory;
use crate::store::{self, ReadRow, Word};

/// Rows written in one transaction.
const BATCH: usize = 500;
/// Rows that wait at most before who reads more waits for them.
const MOST_PENDING: usize = 20 * BATCH;

/// Reads that are not written down yet.
#[derive(Debug, Default)]
pub struct Reads(Mutex<Pending>);

/// In the order of their keys: whoever writes several at once meets another writer in no circle.
type Pending = BTreeMap<Key, Times>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    contact: ContactId,
    day: NaiveDate,
    actor: Arc<str>,
    kind: ContactReadKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    times: i64,
    last_at: DateTime<Utc>,
}

impl Reads {
    /// Writes down what was noted, and says how many rows that took. What cannot be written waits for the next time.
    pub async fn write_down(&self, db: &Db) -> database::Result<usize> {
        let mut written = 0;
        loop {
            let batch = self.take(BATCH);
            if batch.is_empty() {
                return Ok(written);
            }
            if let Err(error) = keep(db, &batch).await {
                self.add(batch);
                return Err(error);
            }
            written += batch.len();
        }
    }

    fn add(&self, reads: impl IntoIterator<Item = (Key, Times)>) {
        let mut pending = self.pending();
        for (key, more) in reads {
            let known = pending.entry(key).or_insert(Times { times: 0, ..more });
            known.times += more.times;
            known.last_at = known.last_at.max(more.last_at);
        }
    }

    fn take(&self, most: usize) -> Vec<(Key, Times)> {
        let mut pending = self.pending();
        std::iter::from_fn(|| pending.pop_first()).take(most).collect()
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn keep(db: &Db, batch: &[(Key, Times)]) -> database::Result<()> {
    let rows: Vec<ReadRow> = batch
        .iter()
        .map(|(key, times)| ReadRow {
            id: ContactReadId::new().into(),
            contact_id: key.contact.into(),
            actor: key.actor.to_string(),
            day: key.day,
            kind: Word(key.kind),
            times: times.times,
            last_at: times.last_at.into(),
        })
        .collect();
    let mut tx = db.begin().await?;
    store::keep_reads(&mut tx, &rows).await?;
    tx.commit().await
}

/// Somebody who reads in one way.
#[derive(Debug, Clone)]
pub struct Reader {
    memory: Arc<Memory>,
    actor: Arc<str>,
    kind: ContactReadKind,
    at: DateTime<Utc>,
}

impl Reader {
    pub fn new(context: &Context, act: &Act, kind: ContactReadKind) -> Self {
        let memory = context.state::<Memory>().unwrap_or_default();
        Self { memory, actor: act.actor.as_str().into(), kind, at: act.at }
    }

    /// Waits for what was noted to be written down, where that is much: an export notes faster than SQLite writes.
    pub async fn settle(&self, db: &Db) -> database::Result<()> {
        let waiting = self.memory.reads.pending().len();
        if waiting > MOST_PENDING {
            self.memory.reads.write_down(db).await?;
        }
        Ok(())
    }

    /// Notes that these contacts were read.
    pub fn note(&self, contacts: impl IntoIterator<Item = ContactId>) {
        let once = Times { times: 1, last_at: self.at };
        let key = |contact| Key { contact, day: self.at.date_naive(), actor: self.actor.clone(), kind: self.kind };
        self.memory.reads.add(contacts.into_iter().map(|contact| (key(contact), once)));
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn reads_add_up_and_what_is_put_back_is_not_lost() {
        let noon = DateTime::UNIX_EPOCH + TimeDelta::hours(12);
        let (li, wang) = (ContactId::new(), ContactId::new());
        let read = |contact, actor: &str, hours: i64| {
            let at = noon + TimeDelta::hours(hours);
            let kind = ContactReadKind::List;
            (Key { contact, day: at.date_naive(), actor: actor.into(), kind }, Times { times: 1, last_at: at })
        };
        let reads = Reads::default();
        reads.add([read(li, "a", 0), read(wang, "a", 0), read(li, "a", 1), read(li, "b", 0), read(li, "a", 12)]);
        let taken = reads.take(1);
        assert_eq!(taken[0].1, Times { times: 2, last_at: noon + TimeDelta::hours(1) });
        reads.add([read(li, "a", 2)]);
        reads.add(taken);
        let all = reads.take(BATCH);
        assert_eq!(all.iter().map(|(_, times)| times.times).collect::<Vec<_>>(), [3, 1, 1, 1]);
        assert_eq!(all[0].1.last_at, noon + TimeDelta::hours(2));
        assert!(reads.take(BATCH).is_empty());
    }
}
