//! Who is told that clocks run out, while those who tell are killed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Api, Build, PATIENCE, System, eventually};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

const REPLICAS: [&str; 2] = ["complaints", "complaints-2"];
const ROUNDS: usize = 6;
/// More than a replica takes to one transaction, so that there is work for both.
const COMPLAINTS_A_ROUND: i64 = 32;

const CLOCKS: [&str; 5] = ["acknowledge", "first_response", "containment", "next_update", "resolution"];
/// Of the policy that ships.
const LADDER: [i64; 4] = [50, 75, 100, 150];

/// Whoever has written steps and not committed them yet.
const AT_IT: &str = "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE a.datname = current_database() AND l.relation = 'escalations'::regclass AND l.mode = 'RowExclusiveLock'
    ORDER BY random()";

/// Complaint, clock, run and percent.
type Step = (String, String, i64, i64);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_that_are_killed_at_it_take_every_step_once_and_tell_of_it() {
    let mut system = System::distributed(&Build::this()).await;
    system.replicate(REPLICAS[0], REPLICAS[1]).await;
    let tap = system.tap("complaints.escalation.fired.v1").await;
    let database = connect(&system.database_url("complaints")).await;
    let mut complaints = Vec::new();
    for round in 0..ROUNDS {
        complaints.extend(overdue(system.api()).await);
        let at_it = at_it(&database).await;
        // Every other time nobody is left to go on meanwhile.
        let victims = REPLICAS.into_iter().filter(|replica| *replica == at_it || round % 2 == 1);
        for victim in victims.clone() {
            system.kill(victim).await;
        }
        for victim in victims {
            system.start(victim).await;
        }
    }

    let mut taken = Vec::new();
    for complaint in &complaints {
        taken.extend(steps(system.api(), complaint).await);
    }
    let kept: BTreeMap<Step, String> = taken.iter().cloned().collect();
    let (expected, once) = (every_step(&complaints), kept.keys().cloned().collect::<BTreeSet<_>>());
    let missing: Vec<_> = expected.difference(&once).collect();
    assert!(missing.is_empty(), "never taken: {missing:?}");
    assert_eq!((once.len(), taken.len()), (expected.len(), expected.len()), "steps were taken twice, or made up");

    let mut told: BTreeMap<Step, BTreeSet<String>> = BTreeMap::new();
    eventually("every event to be told", PATIENCE, async || {
        // The broker has confirmed what is not there any more: the tap has it.
        let left = left_in_the_outbox(&database).await?;
        for body in tap.drain().await {
            let event: Value = serde_json::from_slice(&body).expect("an event");
            let (step, id) = step(&event["data"], "escalation_id");
            told.entry(step).or_default().insert(id);
        }
        if left == 0 { Ok(()) } else { Err(format!("{left} events are left")) }
    })
    .await;
    for (step, id) in &kept {
        assert_eq!(told.get(step), Some(&BTreeSet::from([id.clone()])), "{step:?}");
    }
    assert_eq!(told.len(), kept.len(), "it was told of steps that nobody has taken");
}

/// Takes in complaints whose clocks have all run out long ago, and gives their ids.
async fn overdue(api: &Api) -> Vec<String> {
    let complaint = |n: i64| {
        let received_at = (Utc::now() - TimeDelta::days(200 + n)).to_rfc3339_opts(SecondsFormat::Secs, true);
        json!({
            "channel": "phone", "subject": format!("Line {n} down"), "severity": n % 4 + 1, "received_at": received_at,
        })
    };
    let body = json!({ "complaints": (0..COMPLAINTS_A_ROUND).map(complaint).collect::<Vec<_>>() });
    let key = Uuid::now_v7().to_string();
    // The gateway may hold a connection to a service that was killed.
    let answer = eventually("the complaints to be taken in", PATIENCE, async || {
        let request = api.request(Method::POST, "/complaints/bulk").header("idempotency-key", key.as_str()).json(&body);
        let answer = api.send(request).await.map_err(|error| error.to_string())?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(answer.to_string()) }
    })
    .await;
    let results = answer["results"].as_array().expect("a result for each");
    results.iter().map(|result| text(&result["complaint"]["id"])).collect()
}

/// The replica to kill: one that was seen in the middle of its steps, at a moment that nobody chose. It may have come
/// to the end of them since.
async fn at_it(database: &Client) -> &'static str {
    let (mut last, mut sightings, enough) = (None, 0, 1 + random(4));
    let begun = Instant::now();
    eventually("a replica in the middle of its steps", PATIENCE, async || {
        let rows = database.query(AT_IT, &[]).await.map_err(|error| error.to_string())?;
        let name = rows.first().map(|row| row.get::<_, String>(0));
        let found = name.and_then(|name| REPLICAS.into_iter().find(|replica| *replica == name));
        sightings += u32::from(found.is_some());
        last = found.or(last);
        match last {
            Some(replica) if found.is_none() || sightings >= enough => Ok(replica),
            Some(replica) => Err(format!("{replica} is at it")),
            // All is done already, or nothing has begun.
            None if begun.elapsed() > Duration::from_secs(5) => Ok(REPLICAS[random(2) as usize]),
            None => Err("nobody is at it".to_owned()),
        }
    })
    .await
}

/// The steps of a complaint that were taken, with the ids of their escalations, once there are as many as must be.
async fn steps(api: &Api, complaint: &str) -> Vec<(Step, String)> {
    let path = format!("/complaints/{complaint}/escalations?sort=fired_at");
    let listed = eventually(&format!("every step of {complaint}"), PATIENCE, async || {
        let listed = api.list(&path).await?;
        if listed.len() >= CLOCKS.len() * LADDER.len() { Ok(listed) } else { Err(format!("{} steps", listed.len())) }
    })
    .await;
    listed.iter().map(|escalation| step(escalation, "id")).collect()
}

fn every_step(complaints: &[String]) -> BTreeSet<Step> {
    let ladders = complaints.iter().flat_map(|complaint| CLOCKS.map(|clock| (complaint, clock)));
    let steps = ladders.flat_map(|(complaint, clock)| LADDER.map(|percent| (complaint, clock, percent)));
    steps.map(|(complaint, clock, percent)| (complaint.clone(), clock.to_owned(), 1, percent)).collect()
}

/// A step as it is told of, and its id under that name.
fn step(of: &Value, id: &str) -> (Step, String) {
    let number = |name: &str| of[name].as_i64().unwrap_or_else(|| panic!("no {name} in {of}"));
    ((text(&of["complaint_id"]), text(&of["clock"]), number("run"), number("percent")), text(&of[id]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

async fn left_in_the_outbox(database: &Client) -> Result<i64, String> {
    let row = database.query_one("SELECT count(*) FROM outbox", &[]).await.map_err(|error| error.to_string())?;
    Ok(row.get(0))
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the services reach it, too");
    tokio::spawn(connection);
    client
}

/// Below the limit; the last bits of an id are left to chance.
fn random(limit: u32) -> u32 {
    Uuid::now_v7().as_u128() as u32 % limit
}
