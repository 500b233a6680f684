use registry_contract::{Customer, NewQualificationPolicy, Qualification, QualificationPolicy, v1};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, both};
use uuid::Uuid;

use crate::support::{all_pages, at, faults, named, redact, start};

const POLICIES: &str = "/api/v1/qualification-policies";

const BEST: [(&str, &str); 8] = [
    ("need", "stated"),
    ("timing", "half_year"),
    ("fit", "core"),
    ("budget", "approved"),
    ("legality", "clear"),
    ("history", "good"),
    ("payment", "on_time"),
    ("solvency", "strong"),
];

/// The best answers, but for these.
pub fn answers(changes: &[(&str, &str)]) -> Value {
    let answer = |(criterion, best): (&str, &str)| {
        let change = changes.iter().find(|(changed, _)| *changed == criterion).map_or(best, |(_, answer)| *answer);
        json!({ "criterion": criterion, "answer": change })
    };
    json!({ "answers": BEST.map(answer) })
}

pub async fn qualify(client: &Client, customer: &Customer, body: &Value) -> Answer {
    client.post(&format!("{}/qualifications", at(customer)), body).await
}

pub async fn decide(client: &Client, one: &Qualification, decision: &str) -> Answer {
    let body = json!({ "decision": decision, "reason": "a good fit" });
    client.post(&format!("/api/v1/qualifications/{}/decision", one.id), &body).await
}

fn small_policy() -> Value {
    let question = |key: &str, weight: i32| {
        json!({ "key": key, "group": "need", "question": "?", "weight": weight, "answers": [
            { "key": "yes", "label": "Yes", "points": 100 }, { "key": "no", "label": "No", "points": 0, "knock_out": true },
        ] })
    };
    json!({ "name": "Small", "criteria": [question("a", 60), question("b", 40)], "pass_from": 6000, "conditional_from": 6000 })
}

both! {
    async fn a_prospect_is_scored_and_decided_on(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let created = qualify(&client, &customer, &answers(&[("need", "latent"), ("budget", "planned")])).await;
        let location = created.header("location").expect("a location").to_owned();
        let one: Qualification = created.clone().read(201);
        assert_eq!(client.get(&location).await.read::<Qualification>(200), one);
        insta::assert_json_snapshot!(redact(created.body), @r#"
        {
          "answers": [
            {
              "answer": "latent",
              "criterion": "need"
            },
            {
              "answer": "half_year",
              "criterion": "timing"
            },
            {
              "answer": "core",
              "criterion": "fit"
            },
            {
              "answer": "planned",
              "criterion": "budget"
            },
            {
              "answer": "clear",
              "criterion": "legality"
            },
            {
              "answer": "good",
              "criterion": "history"
            },
            {
              "answer": "on_time",
              "criterion": "payment"
            },
            {
              "answer": "strong",
              "criterion": "solvency"
            }
          ],
          "contributions": [
            {
              "contribution": 1200,
              "criterion": "need",
              "group": "need",
              "points": 60,
              "weight": 20
            },
            {
              "contribution": 1000,
              "criterion": "timing",
              "group": "need",
              "points": 100,
              "weight": 10
            },
            {
              "contribution": 1500,
              "criterion": "fit",
              "group": "qualification",
              "points": 100,
              "weight": 15
            },
            {
              "contribution": 900,
              "criterion": "budget",
              "group": "qualification",
              "points": 60,
              "weight": 15
            },
            {
              "contribution": 500,
              "criterion": "legality",
              "group": "qualification",
              "points": 100,
              "weight": 5
            },
            {
              "contribution": 1500,
              "criterion": "history",
              "group": "history",
              "points": 100,
              "weight": 15
            },
            {
              "contribution": 1200,
              "criterion": "payment",
              "group": "credit",
              "points": 100,
              "weight": 12
            },
            {
              "contribution": 800,
              "criterion": "solvency",
              "group": "credit",
              "points": 100,
              "weight": 8
            }
          ],
          "created_at": "[time]",
          "created_by": "user:0198a000-0000-7000-8000-000000000001",
          "customer_id": "[id]",
          "decision": null,
          "id": "[id]",
          "knocked_out_by": [],
          "outcome": "pass",
          "policy_version": 1,
          "score": 8600,
          "updated_at": "[time]",
          "version": 1
        }
        "#);
        let decided = decide(&client, &one, "conditional").await.expect(200);
        insta::assert_json_snapshot!(redact(decided["decision"].clone()), @r#"
        {
          "at": "[time]",
          "by": "user:0198a000-0000-7000-8000-000000000001",
          "decision": "conditional",
          "number": 1,
          "reason": "a good fit"
        }
        "#);
        assert_eq!(decide(&client, &one, "reject").await.problem(), (409, "qualification-decided"));

        let out: Qualification = qualify(&client, &customer, &answers(&[("payment", "default")])).await.read(201);
        assert_eq!(decide(&client, &out, "accept").await.problem(), (409, "qualification-knocked-out"));
        let rejected = decide(&client, &out, "reject").await.expect(200);
        assert_eq!(rejected["decision"]["number"], 2);
        let path = format!("{}/qualifications", at(&customer));
        let (all, pages) = all_pages(&client, &format!("{path}?limit=1")).await;
        assert_eq!((&all[0]["outcome"], &all[1]["outcome"], pages), (&json!("fail"), &json!("pass"), 2));
        assert_eq!(client.count(&path).await, 2);
    }

    async fn every_wrong_answer_is_named(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let mut wrong = answers(&[("need", "yes")]);
        wrong["answers"][1]["criterion"] = "mood".into();
        let refused = qualify(&client, &customer, &wrong).await.expect(422);
        assert_eq!(faults(&refused), [
            ("/answers/0/answer", "unknown-answer"), ("/answers/1/criterion", "unknown-criterion"), ("/answers", "missing-answer"),
        ]);
        let mut unknown = answers(&[]);
        unknown["policy_version"] = 9.into();
        assert_eq!(faults(&qualify(&client, &customer, &unknown).await.expect(422)), [("/policy_version", "unknown-policy")]);
        let nobody = Uuid::now_v7();
        for (path, code) in [
            (format!("/api/v1/customers/{nobody}/qualifications"), "customer-not-found"),
            (format!("/api/v1/qualifications/{nobody}"), "qualification-not-found"),
            (format!("{POLICIES}/{nobody}"), "qualification-policy-not-found"),
        ] {
            assert_eq!(client.get(&path).await.problem(), (404, code));
        }
        let decision = json!({ "decision": "accept", "reason": "x" });
        let answer = client.post(&format!("/api/v1/qualifications/{nobody}/decision"), &decision).await;
        assert_eq!(answer.problem(), (404, "qualification-not-found"));
    }

    async fn the_policy_is_versioned_and_old_versions_still_score(db: TestDb) {
        let (_app, client) = start(db).await;
        let shipped = client.get(POLICIES).await.expect(200);
        let terms: NewQualificationPolicy =
            serde_json::from_str(include_str!("../../src/domain/default_qualification_policy.json")).expect("a policy");
        let first: QualificationPolicy = serde_json::from_value(shipped["items"][0].clone()).expect("a policy");
        assert_eq!((first.version, &first.terms), (1, &terms), "the migration holds what the file does");

        let created = client.post(POLICIES, &small_policy()).await;
        let location = created.header("location").expect("a location").to_owned();
        let second: QualificationPolicy = created.read(201);
        assert_eq!(client.get(&location).await.read::<QualificationPolicy>(200), second);
        assert_eq!((second.version, client.count(POLICIES).await), (2, 2));
        let customer = named(&client, "Acme").await;
        let short = json!({ "answers": [{ "criterion": "a", "answer": "yes" }, { "criterion": "b", "answer": "yes" }] });
        let one: Qualification = qualify(&client, &customer, &short).await.read(201);
        assert_eq!((one.policy_version, one.result.score), (2, 10_000));
        let mut old = answers(&[]);
        old["policy_version"] = 1.into();
        let one: Qualification = qualify(&client, &customer, &old).await.read(201);
        assert_eq!((one.policy_version, one.result.score), (1, 10_000));

        let mut wrong = small_policy();
        wrong["criteria"][1]["key"] = "a".into();
        wrong["criteria"][1]["weight"] = 41.into();
        wrong["conditional_from"] = 7000.into();
        let refused = client.post(POLICIES, &wrong).await.expect(422);
        assert_eq!(faults(&refused), [
            ("/criteria/1/key", "not-unique"), ("/criteria", "weights-unequal"), ("/conditional_from", "above-pass"),
        ]);
        assert_eq!(client.count(POLICIES).await, 2, "nothing half done");
    }

    async fn a_decision_is_told_and_told_again(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[v1::CUSTOMER_QUALIFIED]).await;
        let one: Qualification = qualify(&client, &named(&client, "Acme").await, &answers(&[])).await.read(201);
        app.drain_outbox().await;
        assert!(tap.envelopes().await.is_empty(), "a score alone is no decision");
        decide(&client, &one, "accept").await.expect(200);
        app.drain_outbox().await;
        let told = tap.events::<v1::CustomerQualified>().await;
        let mut event = serde_json::to_value(&told).expect("JSON")[0].take();
        event["customer_id"] = "0190f3a0-0000-7000-8000-000000000001".into();
        event["qualification_id"] = "0190f3a0-0000-7000-8000-000000000002".into();
        event["decided_at"] = "2026-01-01T00:00:00Z".into();
        assert_eq!(event, crate::events::golden::<v1::CustomerQualified>());
        crate::events::republish(&app).await;
        let again = tap.events::<v1::CustomerQualified>().await;
        assert_eq!((again.len(), &again[1]), (2, &told[0]));
    }

    async fn a_repeated_request_qualifies_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let path = format!("{}/qualifications", at(&customer));
        let request = || client.request(Method::POST, &path).header("Idempotency-Key", "q").json(&answers(&[]));
        let first = client.send(request()).await.expect(201);
        assert_eq!(client.send(request()).await.expect(201), first);
        let policy = || client.request(Method::POST, POLICIES).header("Idempotency-Key", "p").json(&small_policy());
        let first_policy = client.send(policy()).await.expect(201);
        assert_eq!(client.send(policy()).await.expect(201), first_policy);
        assert_eq!((client.count(&path).await, client.count(POLICIES).await), (1, 2));
    }
}
