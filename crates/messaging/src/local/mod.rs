//! The bus of a single process: queues in an SQLite file of their own, with the promises the broker gives.

mod consumer;
mod store;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use database::{Db, Migrations, Options};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio::sync::watch;

use crate::{BusError, DeadLetter, Depth, Message, Published, Retries};

pub(crate) use consumer::run;

const FILE: EmbeddedMigrations = embed_migrations!("migrations/bus");

/// Binds a queue to every event, as on a topic exchange.
const EVERYTHING: &str = "#";

/// Queues in a file. What is published is in every subscribed queue before it is confirmed.
pub struct Local {
    db: Db,
    retries: Retries,
    /// As in the file, which no other process writes.
    bindings: Mutex<BTreeMap<String, Vec<String>>>,
    wakers: Mutex<HashMap<String, watch::Sender<()>>>,
    /// What the consumers of this process hold; a restart frees it all.
    held: Mutex<HashSet<i64>>,
    /// Consumers of one process claim in turn, so that none reads what another is about to hold.
    claims: tokio::sync::Mutex<()>,
}

impl Local {
    pub(crate) async fn open(path: &str, retries: Retries) -> Result<Self, BusError> {
        let db = Db::open(&format!("sqlite:{path}"), Options { connections: 4 })?;
        let set = Migrations { postgres: FILE, sqlite: FILE };
        db.migrate(vec![set]).await?;
        let mut bindings: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (queue, event_type) in store::bindings(&db).await? {
            bindings.entry(event_type).or_default().push(queue);
        }
        Ok(Self {
            db,
            retries,
            bindings: Mutex::new(bindings),
            wakers: Mutex::default(),
            held: Mutex::default(),
            claims: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn retries(&self) -> &Retries {
        &self.retries
    }

    pub(crate) async fn ping(&self) -> Result<(), BusError> {
        Ok(self.db.ping().await?)
    }

    pub(crate) async fn declare(&self, queue: &str, types: &[&str]) -> Result<(), BusError> {
        store::bind(&self.db, queue, types).await?;
        let mut bindings = lock(&self.bindings);
        for queues in bindings.values_mut() {
            queues.retain(|bound| bound != queue);
        }
        for event_type in types {
            let queues = bindings.entry((*event_type).to_owned()).or_default();
            if !queues.iter().any(|bound| bound == queue) {
                queues.push(queue.to_owned());
            }
        }
        Ok(())
    }

    pub(crate) async fn publish(&self, messages: &[Message]) -> Published {
        let routed: Vec<_> = messages
            .iter()
            .flat_map(|message| self.queues(&message.event_type).into_iter().map(move |queue| (queue, message)))
            .collect();
        match store::insert(&self.db, &routed).await {
            Ok(()) => {
                routed.iter().for_each(|(queue, _)| self.wake(queue));
                Published { confirmed: (0..messages.len()).collect(), failure: None }
            }
            Err(error) => Published { confirmed: Vec::new(), failure: Some(error.into()) },
        }
    }

    pub(crate) async fn depth(&self, queue: &str) -> Result<Depth, BusError> {
        Ok(store::depth(&self.db, queue).await?)
    }

    pub(crate) async fn dead_letters(&self, queue: &str) -> Result<Vec<DeadLetter>, BusError> {
        Ok(store::dead_letters(&self.db, queue).await?)
    }

    pub(crate) async fn redrive(&self, queue: &str) -> Result<u64, BusError> {
        let count = store::redrive(&self.db, queue).await?;
        self.wake(queue);
        Ok(count)
    }

    pub(crate) async fn delete(&self, queue: &str) -> Result<(), BusError> {
        store::delete_queue(&self.db, queue).await?;
        for queues in lock(&self.bindings).values_mut() {
            queues.retain(|bound| bound != queue);
        }
        Ok(())
    }

    fn queues(&self, event_type: &str) -> Vec<String> {
        let bindings = lock(&self.bindings);
        let mut queues: Vec<String> =
            [event_type, EVERYTHING].iter().filter_map(|key| bindings.get(*key)).flatten().cloned().collect();
        queues.sort_unstable();
        queues.dedup();
        queues
    }

    fn wake(&self, queue: &str) {
        self.waker(queue, |sender| sender.send_replace(()));
    }

    fn woken(&self, queue: &str) -> watch::Receiver<()> {
        self.waker(queue, watch::Sender::subscribe)
    }

    fn waker<T>(&self, queue: &str, with: impl FnOnce(&watch::Sender<()>) -> T) -> T {
        let mut wakers = lock(&self.wakers);
        with(wakers.entry(queue.to_owned()).or_insert_with(|| watch::channel(()).0))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
