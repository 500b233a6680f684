//! What must not go wrong when something does.

mod ledger;

use std::time::{Duration, Instant};

use ledger::{Ledger, Writers};
use reqwest::StatusCode;
use serde_json::json;
use system_tests::{Api, Build, PATIENCE, SERVICES, System, eventually};
use uuid::Uuid;

/// How many writes are acknowledged between two kills.
const WRITES_BETWEEN_KILLS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_each_service_in_turn_loses_nothing_and_applies_nothing_twice() {
    let mut system = System::distributed(&Build::this()).await;
    let ledger = written_while(&mut system, SERVICES).await;
    ledger.check(system.api()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_the_single_process_loses_nothing_and_applies_nothing_twice() {
    let mut system = System::embedded(&Build::this()).await;
    let ledger = written_while(&mut system, &["guanxi", "guanxi", "guanxi"]).await;
    ledger.check(system.api()).await;
}

/// Kills each of the processes while writes flow, and starts it again.
async fn written_while(system: &mut System, victims: &[&str]) -> Ledger {
    let mut writers = Writers::start(system.api());
    for victim in victims {
        writers.until_acknowledged(WRITES_BETWEEN_KILLS).await;
        system.kill(victim).await;
        system.start(victim).await;
    }
    writers.until_acknowledged(WRITES_BETWEEN_KILLS).await;
    writers.stop().await
}

#[tokio::test]
async fn an_import_whose_service_is_killed_goes_on_behind_its_last_batch() {
    let mut system = System::distributed(&Build::this()).await;
    killed_in_an_import(&mut system, "registry").await;
}

#[tokio::test]
async fn an_import_whose_single_process_is_killed_goes_on_behind_its_last_batch() {
    let mut system = System::embedded(&Build::this()).await;
    killed_in_an_import(&mut system, "guanxi").await;
}

async fn killed_in_an_import(system: &mut System, victim: &str) {
    const ROWS: usize = 20_000;
    let api = system.api().clone();
    let rows: String = (0..ROWS).map(|row| format!("Imported {row},X{row}\n")).collect();
    let request = api.request(reqwest::Method::POST, "/imports?kind=customers&system=erp&wait=false");
    let request = request.header("content-type", "text/csv").body(format!("name,external_id\n{rows}"));
    let begun = api.send(request).await.expect("an answer");
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{begun}");
    let path = format!("/imports/{}", begun.body["id"].as_str().expect("an id"));
    let some_rows = async || {
        let seen = api.try_get(&path).await?;
        if seen["rows"].as_u64() > Some(0) { Ok(()) } else { Err(seen.to_string()) }
    };
    eventually("the first batch", PATIENCE, some_rows).await;
    system.kill(victim).await;
    system.start(victim).await;
    let left = api.get(&path).await;
    assert!(left["rows"].as_u64() < Some(ROWS as u64), "killed after its end: {left}");
    // Whoever takes it up waits until the dead one holds it no more.
    let done = eventually("the end of the import", PATIENCE * 3, async || {
        let seen = api.try_get(&path).await?;
        if seen["state"] == "completed" { Ok(seen) } else { Err(seen.to_string()) }
    })
    .await;
    assert_eq!((&done["rows"], &done["created"], &done["failed"]), (&json!(ROWS), &json!(ROWS), &json!(0)));
    assert_eq!(api.get("/customers?limit=1&count=exact").await["count"], json!(ROWS));
    assert_eq!(api.get(&format!("{path}/rows?limit=1&count=exact")).await["count"], json!(ROWS));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_broker_delays_events_and_nothing_else() {
    let system = System::distributed(&Build::this()).await;
    let api = system.api();
    let customer = api.post("/customers", &json!({ "name": "Before the outage" })).await;
    let id = customer["id"].as_str().expect("an id").to_owned();
    let scored = async || api.try_get(&format!("/customers/{id}/score")).await;
    eventually("the score of the customer", PATIENCE, scored).await;

    system.cut_broker();
    let (begun, mut written) = (Instant::now(), 0);
    while begun.elapsed() < outage() {
        // The first answer counts: a service that waits for the broker would fail here.
        api.post("/interactions", &interaction(&id, &format!("during the outage {written}"))).await;
        written += 1;
    }
    let meanwhile = api.get(&format!("/customers/{id}/score")).await;
    assert_eq!(meanwhile["inputs"]["interactions"], 0, "the broker was not cut");

    system.mend_broker();
    eventually("the events of the outage", PATIENCE, async || {
        let score = scored().await?;
        if score["inputs"]["interactions"] == written { Ok(()) } else { Err(format!("{score}, {written} written")) }
    })
    .await;
}

/// 30 seconds; CI sets less.
fn outage() -> Duration {
    let seconds = std::env::var("GUANXI_TEST_OUTAGE_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(30))
}

#[tokio::test]
async fn an_unreadable_message_is_parked_with_its_reason_and_holds_nothing_up() {
    let mut system = System::distributed(&Build::this()).await;
    let api = system.api().clone();
    let customer = api.post("/customers", &json!({ "name": "Behind the unreadable message" })).await;
    let id = customer["id"].as_str().expect("an id");

    let unreadable = br#"{"specversion": "1.0", "data": "#;
    system.publish("interactions.interaction.logged.v1", unreadable).await;
    api.post("/interactions", &interaction(id, "after it")).await;
    eventually("the interaction behind it", PATIENCE, async || {
        let score = api.try_get(&format!("/customers/{id}/score")).await?;
        if score["inputs"]["interactions"] == 1 { Ok(()) } else { Err(score.to_string()) }
    })
    .await;

    let parked = async || {
        let letter = system.dead_letter("scoring").await.ok_or("no dead letter")?;
        let reason =
            letter.headers.iter().any(|(name, value)| name.contains("reason") && value.contains("not an event"));
        if letter.body == unreadable && reason { Ok(()) } else { Err(format!("{letter:?}")) }
    };
    eventually("the dead letter with its reason", PATIENCE, parked).await;

    // Put back, it fails again and is parked again: still not lost, still in nobody's way.
    system.command("scoring", "redrive").await;
    let parked = async || system.dead_letter("scoring").await.ok_or("no dead letter");
    let letter = eventually("the dead letter again", PATIENCE, async || parked().await.map_err(str::to_owned)).await;
    assert_eq!(letter.body, unreadable);
}

#[tokio::test]
async fn services_refuse_whoever_does_not_come_through_the_gateway() {
    let mut system = System::distributed(&Build::this()).await;
    let key = Uuid::now_v7().to_string();
    for (service, path) in [
        ("registry", "/customers"),
        ("interactions", "/interactions"),
        ("complaints", "/complaints"),
        ("scoring", "/scores"),
    ] {
        let direct = Api::new(&system.url(service), Some(&key));
        for request in [
            direct.request(reqwest::Method::GET, path),
            direct.request(reqwest::Method::GET, path).bearer_auth("eyJhbGciOiJub25lIn0.e30."),
        ] {
            let answer = direct.send(request).await.expect("an answer");
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{service}: {answer}");
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{service}");
        }
    }
}

fn interaction(customer: &str, subject: &str) -> serde_json::Value {
    json!({
        "customer_id": customer, "occurred_at": "2026-01-05T02:00:00Z", "channel": "call", "means": "routine_visit",
        "subject": subject,
    })
}
