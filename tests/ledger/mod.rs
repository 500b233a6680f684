//! Writers that never give up, and the account of what they were promised.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::select_all;
use reqwest::{Method, StatusCode};
use scoring_contract::facts_digest;
use serde_json::{Value, json};
use system_tests::{Api, PATIENCE, Tries, eventually};
use tokio::{sync::watch, task::JoinHandle};
use uuid::Uuid;

const WRITERS: usize = 4;

/// Catching up after the last restart may take the longest retry delays.
const CATCHING_UP: Duration = Duration::from_secs(120);

/// Which lists hold the facts that scoring must know, by the name scoring gives them.
const SOURCES: [(&str, &str); 3] = [
    ("registry.contact", "/contacts"),
    ("interactions.interaction", "/interactions"),
    ("complaints.complaint", "/complaints"),
];

/// What was acknowledged: for each customer, the things by the path they were posted to.
#[derive(Default)]
pub struct Ledger {
    customers: BTreeMap<String, Vec<Acknowledged>>,
}

struct Acknowledged {
    path: &'static str,
    id: String,
    /// The text that no other thing has, under the field that holds it.
    mark: (&'static str, String),
}

struct Shared {
    api: Api,
    stop: AtomicBool,
    acknowledged: watch::Sender<usize>,
}

/// Writes flowing through the gateway, until stopped.
pub struct Writers {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<(String, Vec<Acknowledged>)>>,
}

impl Writers {
    pub fn start(api: &Api) -> Self {
        let shared =
            Arc::new(Shared { api: api.clone(), stop: AtomicBool::new(false), acknowledged: watch::Sender::new(0) });
        let tasks = (0..WRITERS).map(|writer| tokio::spawn(write(Arc::clone(&shared), writer))).collect();
        Self { shared, tasks }
    }

    /// Waits for so many acknowledgements from now on.
    pub async fn until_acknowledged(&mut self, count: usize) {
        let mut acknowledged = self.shared.acknowledged.subscribe();
        let goal = *acknowledged.borrow() + count;
        let reached = tokio::time::timeout(PATIENCE * 2, acknowledged.wait_for(|so_far| *so_far >= goal));
        tokio::select! {
            reached = reached => assert!(reached.is_ok(), "{count} writes took too long"),
            (ended, ..) = select_all(&mut self.tasks) => panic!("a writer gave up: {:?}", ended.err()),
        }
    }

    /// Lets every write under way come to its end.
    pub async fn stop(self) -> Ledger {
        self.shared.stop.store(true, Ordering::Release);
        let mut ledger = Ledger::default();
        for task in self.tasks {
            let (customer, things) = task.await.expect("a writer only ends well");
            ledger.customers.insert(customer, things);
        }
        ledger
    }
}

/// One writer, with a customer of its own.
async fn write(shared: Arc<Shared>, writer: usize) -> (String, Vec<Acknowledged>) {
    let customer = shared.insist("/customers", &json!({ "name": format!("Written to by {writer}") })).await;
    let id = customer["id"].as_str().expect("an id").to_owned();
    let mut things = Vec::new();
    for n in 0.. {
        if shared.stop.load(Ordering::Acquire) {
            break;
        }
        let mark = format!("{writer}-{n}");
        let (path, field, body) = match n % 5 {
            0 => ("/contacts", "name", json!({ "customer_id": id, "name": mark })),
            1 | 3 => ("/complaints", "subject", json!({ "customer_id": id, "channel": "desk", "subject": mark })),
            _ => (
                "/interactions",
                "subject",
                json!({
                    "customer_id": id, "occurred_at": "2026-01-05T02:00:00Z", "channel": "call", "means": "hotline", "subject": mark,
                }),
            ),
        };
        let thing = shared.insist(path, &body).await;
        let thing_id = thing["id"].as_str().expect("an id").to_owned();
        if n % 5 == 1 {
            let answer = json!({ "note_to_customer": "We are on it." });
            shared.insist(&format!("/complaints/{thing_id}/responses"), &answer).await;
        }
        things.push(Acknowledged { path, id: thing_id, mark: (field, mark) });
    }
    (id, things)
}

impl Shared {
    /// Posts with one idempotency key until it is acknowledged, as a careful client does.
    async fn insist(&self, path: &str, body: &Value) -> Value {
        let (key, mut tries) = (Uuid::now_v7().to_string(), Tries::new(format!("POST {path}"), PATIENCE * 2));
        loop {
            match self.once(path, &key, body).await {
                Ok(created) => {
                    self.acknowledged.send_modify(|so_far| *so_far += 1);
                    return created;
                }
                Err(seen) => tries.after(seen).await,
            }
        }
    }

    async fn once(&self, path: &str, key: &str, body: &Value) -> Result<Value, String> {
        let request = self.api.request(Method::POST, path).header("idempotency-key", key).json(body);
        let answer = self.api.send(request).await.map_err(|error| error.to_string())?;
        // Conflict: the answer to the try before is still being made. Anything else of 4xx is a fault of the test.
        let again = [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS].contains(&answer.status);
        let again = again || answer.status.is_server_error();
        assert!(again || answer.status.is_success(), "POST {path}: {answer}");
        if again { Err(answer.to_string()) } else { Ok(answer.body) }
    }
}

impl Ledger {
    /// Everything acknowledged is there, once; and scoring holds the same facts as the sources.
    pub async fn check(&self, api: &Api) {
        for (customer, things) in &self.customers {
            for (source, path) in SOURCES {
                let listed =
                    api.list(&format!("{path}?customer_id={customer}")).await.unwrap_or_else(|seen| panic!("{seen}"));
                for thing in things.iter().filter(|thing| thing.path == path) {
                    let (field, mark) = (thing.mark.0, &thing.mark.1);
                    let found: Vec<_> = listed.iter().filter(|item| item[field].as_str() == Some(mark)).collect();
                    assert_eq!(found.len(), 1, "{path} {mark} is there {} times", found.len());
                    assert_eq!(found[0]["id"].as_str(), Some(&*thing.id), "{path} {mark} is another one");
                }
                agrees(api, customer, source, &listed).await;
            }
        }
    }
}

async fn agrees(api: &Api, customer: &str, source: &str, listed: &[Value]) {
    let versions = listed.iter().map(|item| {
        let id: Uuid = item["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        (id, item["version"].as_i64().expect("a version"))
    });
    let (count, digest) = (listed.len(), facts_digest(versions));
    eventually(&format!("the facts of {source}"), CATCHING_UP, async || {
        let explanation = api.try_get(&format!("/customers/{customer}/score/explanation")).await?;
        let facts = explanation["facts"].as_array().and_then(|all| all.iter().find(|facts| facts["source"] == source));
        let facts = facts.ok_or_else(|| format!("no {source} in {explanation}"))?;
        if facts["count"] == count && facts["digest"] == *digest {
            Ok(())
        } else {
            Err(format!("{facts}, but the source has {count} with digest {digest}"))
        }
    })
    .await;
}
