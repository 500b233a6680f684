use registry_contract::{Customer, Position, ProfileOverview, ProfileState, SectionProfile, v1};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, both};

use crate::support::{all_pages, at, faults, named, redact, start, user};

pub const STRATEGY: &str = "strategy_and_pain_points";

pub fn section(customer: &Customer, section: &str) -> String {
    format!("{}/profile/{section}", at(customer))
}

async fn put(client: &Client, path: &str, etag: &str, body: &Value) -> Answer {
    client.send(client.request(Method::PUT, path).header(IF_MATCH, etag).json(body)).await
}

async fn submit(client: &Client, path: &str, etag: &str) -> Answer {
    client.send(client.request(Method::POST, &format!("{path}/submission")).header(IF_MATCH, etag)).await
}

async fn review(client: &Client, path: &str, number: i64, round: i64, decision: &str) -> Answer {
    let mut body = json!({ "number": number, "round": round, "decision": decision });
    if decision == "request_changes" {
        body["comment"] = "not in their words".into();
    }
    client.post(&format!("{path}/reviews"), &body).await
}

pub fn strategy(words: &str) -> Value {
    json!({
        "content": { "goals": [
            { "key": "speed", "words": words, "source": "年会", "said_on": "2024-01-15", "evidence": "speech" },
        ] },
        "evidence": [{ "kind": "link", "key": "speech", "title": "Speech", "url": "https://example.com/speech" }],
        "valid_until": "2999-12-31",
    })
}

/// A section with this body, approved by `reviewers`.
pub async fn approved(author: &Client, reviewers: &[&Client], path: &str, body: &Value) -> SectionProfile {
    put(author, path, "*", body).await.expect(200);
    let submitted: SectionProfile = submit(author, path, "*").await.read(200);
    let (number, round) = submitted.open.map(|open| (open.number, open.round)).expect("an open version");
    for reviewer in reviewers {
        review(reviewer, path, number, round, "approve").await.expect(200);
    }
    author.get(path).await.read(200)
}

fn state(section: &SectionProfile) -> Option<ProfileState> {
    section.open.as_ref().map(|open| open.state)
}

both! {
    async fn a_section_is_written_reviewed_by_two_others_and_relied_on(db: TestDb) {
        let (app, author) = start(db).await;
        let (second, third) = (user(&app, 2), user(&app, 3));
        let customer = named(&author, "Acme").await;
        let path = section(&customer, STRATEGY);
        let empty = author.get(&path).await;
        assert_eq!(empty.etag(), "\"0\"");
        let empty: SectionProfile = empty.read(200);
        assert_eq!((empty.approved, empty.open), (None, None));

        let drafted = put(&author, &path, "\"0\"", &strategy(" 我们要快 ")).await;
        assert_eq!(drafted.etag(), "\"1\"");
        assert_eq!(put(&author, &path, "\"0\"", &strategy("other")).await.problem(), (412, "version-stale"));
        assert_eq!(author.put(&path, &strategy("other")).await.problem(), (428, "if-match-missing"));
        let same = put(&author, &path, "\"1\"", &strategy("我们要快")).await;
        assert_eq!((same.status, same.etag().as_str()), (200, "\"1\""), "nothing to change changes nothing");
        let submitted: SectionProfile = submit(&author, &path, "\"1\"").await.read(200);
        assert_eq!(state(&submitted), Some(ProfileState::InReview));
        assert_eq!(put(&author, &path, "*", &strategy("other")).await.problem(), (409, "profile-state-conflict"));

        assert_eq!(review(&author, &path, 1, 1, "approve").await.problem(), (403, "review-own-work"));
        let half: SectionProfile = review(&second, &path, 1, 1, "approve").await.read(200);
        assert_eq!((state(&half), half.approved), (Some(ProfileState::InReview), None));
        assert_eq!(review(&second, &path, 1, 1, "approve").await.problem(), (409, "reviewed-already"));
        let whole = review(&third, &path, 1, 1, "approve").await;
        insta::assert_json_snapshot!(redact(whole.expect(200)), @r#"
        {
          "approved": {
            "authors": [
              "user:0198a000-0000-7000-8000-000000000001"
            ],
            "completeness": 50,
            "content": {
              "goals": [
                {
                  "evidence": "speech",
                  "key": "speed",
                  "said_on": "2024-01-15",
                  "source": "年会",
                  "words": "我们要快"
                }
              ],
              "pain_points": []
            },
            "created_at": "[time]",
            "evidence": [
              {
                "key": "speech",
                "kind": "link",
                "title": "Speech",
                "url": "https://example.com/speech"
              }
            ],
            "history": [
              {
                "act": "submitted",
                "at": "[time]",
                "by": "user:0198a000-0000-7000-8000-000000000001",
                "comment": null,
                "round": 1
              },
              {
                "act": "approved",
                "at": "[time]",
                "by": "user:0198a000-0000-7000-8000-000000000002",
                "comment": null,
                "round": 1
              },
              {
                "act": "approved",
                "at": "[time]",
                "by": "user:0198a000-0000-7000-8000-000000000003",
                "comment": null,
                "round": 1
              }
            ],
            "id": "[id]",
            "number": 1,
            "round": 1,
            "section": "strategy_and_pain_points",
            "state": "approved",
            "updated_at": "[time]",
            "valid_until": "2999-12-31"
          },
          "customer_id": "[id]",
          "open": null,
          "revision": 4,
          "section": "strategy_and_pain_points"
        }
        "#);
        assert_eq!(review(&third, &path, 1, 1, "approve").await.problem(), (409, "profile-state-conflict"));
    }

    async fn an_approved_version_stays_and_the_next_edit_begins_another(db: TestDb) {
        let (app, author) = start(db).await;
        let (second, third) = (user(&app, 2), user(&app, 3));
        let customer = named(&author, "Acme").await;
        let path = section(&customer, STRATEGY);
        let first = approved(&author, &[&second, &third], &path, &strategy("快")).await.approved.expect("a version");
        let edited: SectionProfile = put(&second, &path, "*", &strategy("更快")).await.read(200);
        assert_eq!(edited.approved.as_ref(), Some(&first));
        assert_eq!(edited.open.as_ref().map(|open| (open.number, open.authors.len())), Some((2, 1)));
        let third_too: SectionProfile = put(&third, &path, "*", &strategy("最快")).await.read(200);
        assert_eq!(third_too.open.map(|open| open.authors.len()), Some(2));
        submit(&second, &path, "*").await.expect(200);
        assert_eq!(review(&third, &path, 2, 1, "approve").await.problem(), (403, "review-own-work"));

        let sent_back: SectionProfile = review(&author, &path, 2, 1, "request_changes").await.read(200);
        assert_eq!(state(&sent_back), Some(ProfileState::ChangesRequested));
        assert_eq!(submit(&second, &path, "*").await.problem(), (409, "profile-state-conflict"));
        put(&second, &path, "*", &strategy("更快，更省")).await.expect(200);
        submit(&second, &path, "*").await.expect(200);
        assert_eq!(review(&author, &path, 2, 1, "approve").await.problem(), (409, "review-outdated"));
        review(&author, &path, 2, 2, "approve").await.expect(200);
        let done: SectionProfile = review(&user(&app, 4), &path, 2, 2, "approve").await.read(200);
        assert_eq!((done.approved.map(|version| version.number), done.open), (Some(2), None));

        let (versions, pages) = all_pages(&author, &format!("{path}/versions?limit=1")).await;
        let states: Vec<_> = versions.iter().map(|version| version["state"].as_str().unwrap_or("?")).collect();
        assert_eq!((states, pages), (vec!["approved", "superseded"], 2));
        let old = author.get(&format!("{path}/versions/1")).await.expect(200);
        assert_eq!(old["content"]["goals"][0]["words"], "快");
        let diff = author.get(&format!("{path}/diff?from=1&to=2")).await.expect(200);
        insta::assert_json_snapshot!(diff, @r#"
        {
          "changes": [
            {
              "change": "changed",
              "from": "快",
              "pointer": "/content/goals/speed/words",
              "to": "更快，更省"
            }
          ],
          "from": 1,
          "section": "strategy_and_pain_points",
          "to": 2
        }
        "#);
        assert_eq!(author.get(&format!("{path}/versions/9")).await.problem(), (404, "profile-version-not-found"));
        assert_eq!(author.get(&format!("{path}/diff?from=1&to=9")).await.problem(), (404, "profile-version-not-found"));
    }

    async fn a_wrong_body_is_told_every_fault_of_its_section(db: TestDb) {
        let (_app, client) = start(db).await;
        let (customer, other) = (named(&client, "Acme").await, named(&client, "Other").await);
        let wrong = json!({
            "content": {
                "goals": [{ "key": "A", "words": "", "said_on": "yesterday", "mood": "good" }],
                "factors": [],
            },
            "evidence": [{ "kind": "link", "key": "a", "title": "x" }],
            "valid_until": 7,
        });
        let refused = put(&client, &section(&customer, STRATEGY), "*", &wrong).await.expect(422);
        assert_eq!(
            faults(&refused),
            [
                ("/content/factors", "unknown-field"),
                ("/content/goals/0/key", "bad-format"),
                ("/content/goals/0/mood", "unknown-field"),
                ("/content/goals/0/said_on", "bad-format"),
                ("/content/goals/0/source", "missing-field"),
                ("/content/goals/0/words", "too-short"),
                ("/evidence/0/url", "missing-field"),
                ("/valid_until", "wrong-type"),
            ]
        );

        let seat: Position = client.post(&format!("{}/positions", at(&other)), &json!({ "title": "CEO" })).await.read(201);
        let wrong = json!({ "content": { "steps": [
            { "key": "ask", "name": " ", "position_id": seat.id },
            { "key": "ask", "name": "Sign" },
        ] } });
        let refused = put(&client, &section(&customer, "organisation_and_purchasing"), "*", &wrong).await.expect(422);
        assert_eq!(faults(&refused), [
            ("/content/steps/1/key", "not-unique"),
            ("/content/steps/0/name", "blank"),
            ("/content/steps/0/position_id", "unknown-position"),
        ]);
        let empty: SectionProfile = client.get(&section(&customer, STRATEGY)).await.read(200);
        assert_eq!(empty.revision, 0, "nothing half done");
        assert_eq!(client.get(&section(&customer, "mood")).await.status, 400);
        assert_eq!(submit(&client, &section(&customer, STRATEGY), "*").await.problem(), (404, "profile-version-not-found"));
    }

    async fn a_draft_without_content_evidence_or_last_day_is_not_fit_for_review(db: TestDb) {
        let (_app, client) = start(db).await;
        let path = section(&named(&client, "Acme").await, STRATEGY);
        put(&client, &path, "*", &json!({ "content": {} })).await.expect(200);
        let refused = submit(&client, &path, "*").await;
        assert_eq!(refused.problem(), (409, "profile-incomplete"));
        assert_eq!(faults(&refused.body), [
            ("/content", "empty"), ("/evidence", "missing-evidence"), ("/valid_until", "missing-field"),
        ]);
        let mut late = strategy("快");
        late["valid_until"] = "2020-01-01".into();
        put(&client, &path, "*", &late).await.expect(200);
        assert_eq!(faults(&submit(&client, &path, "*").await.expect(409)), [("/valid_until", "in-past")]);
    }

    async fn figures_come_with_their_ratios(db: TestDb) {
        let (_app, client) = start(db).await;
        let path = section(&named(&client, "Acme").await, "financial_analysis");
        let yuan = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        let body = json!({ "content": { "periods": [
            { "key": "2024", "revenue": yuan("300.00") },
            { "key": "2025", "revenue": yuan("400.00"), "gross_profit": yuan("100.00") },
        ] } });
        let drafted = put(&client, &path, "*", &body).await.expect(200);
        assert_eq!(drafted["open"]["content"], body["content"]);
        insta::assert_json_snapshot!(drafted["open"]["ratios"][1], @r#"
        {
          "cash_conversion_bp": null,
          "current_bp": null,
          "debt_bp": null,
          "gross_margin_bp": 2500,
          "growth_bp": 3333,
          "net_margin_bp": null,
          "period": "2025"
        }
        "#);
    }

    async fn the_overview_tells_what_is_there_and_what_is_stale(db: TestDb) {
        let (app, author) = start(db).await;
        let customer = named(&author, "Acme").await;
        let mut body = strategy("快");
        body["valid_until"] = "2998-06-30".into();
        approved(&author, &[&user(&app, 2), &user(&app, 3)], &section(&customer, STRATEGY), &body).await;
        put(&author, &section(&customer, "swot_summary"), "*", &json!({ "content": { "conclusion": "invest" } })).await.expect(200);

        let path = format!("{}/profile", at(&customer));
        let last_day: ProfileOverview = author.get(&format!("{path}?as_of=2998-06-30")).await.read(200);
        assert_eq!((last_day.completeness, last_day.sections.iter().any(|section| section.stale)), (14, false));
        let overview = author.get(&format!("{path}?as_of=2998-07-01")).await.expect(200);
        assert_eq!(overview["completeness"], 0);
        let sections = overview["sections"].as_array().expect("sections");
        let told: Vec<_> = sections.iter().filter(|section| !section["state"].is_null()).cloned().collect();
        assert_eq!(sections.len(), 7);
        insta::assert_json_snapshot!(redact(json!(told)), @r#"
        [
          {
            "approved": {
              "number": 1,
              "state": "approved",
              "updated_at": "[time]",
              "valid_until": "2998-06-30"
            },
            "completeness": 50,
            "open": null,
            "reviewers": 2,
            "section": "strategy_and_pain_points",
            "stale": true,
            "state": "approved"
          },
          {
            "approved": null,
            "completeness": 20,
            "open": {
              "number": 1,
              "state": "draft",
              "updated_at": "[time]",
              "valid_until": null
            },
            "reviewers": 1,
            "section": "swot_summary",
            "stale": false,
            "state": "draft"
          }
        ]
        "#);
    }

    async fn what_waits_for_me_is_what_i_did_not_write_and_did_not_yet_approve(db: TestDb) {
        let (app, author) = start(db).await;
        let (second, third) = (user(&app, 2), user(&app, 3));
        let customer = named(&author, "Acme").await;
        let path = section(&customer, STRATEGY);
        put(&author, &path, "*", &strategy("快")).await.expect(200);
        assert_eq!(second.count("/api/v1/profile-reviews").await, 0, "a draft waits for nobody");
        submit(&author, &path, "*").await.expect(200);
        let listed = second.get("/api/v1/profile-reviews").await.expect(200);
        assert_eq!(listed["items"][0]["section"], STRATEGY);
        review(&second, &path, 1, 1, "approve").await.expect(200);
        for (client, expected) in [(&author, 0), (&second, 0), (&third, 1)] {
            assert_eq!(client.count("/api/v1/profile-reviews").await, expected);
        }
        let listed = third.get("/api/v1/profile-reviews").await.expect(200);
        assert_eq!((&listed["items"][0]["approvals"], &listed["items"][0]["reviewers"]), (&json!(1), &json!(2)));
        review(&third, &path, 1, 1, "request_changes").await.expect(200);
        assert_eq!(third.count("/api/v1/profile-reviews").await, 0);
    }

    async fn an_approval_is_told_without_what_was_approved_and_told_again(db: TestDb) {
        let (app, author) = start(db).await;
        let tap = app.bus.tap(&[v1::PROFILE_APPROVED]).await;
        let customer = named(&author, "Acme").await;
        approved(&author, &[&user(&app, 2), &user(&app, 3)], &section(&customer, STRATEGY), &strategy("快")).await;
        app.drain_outbox().await;
        let told = tap.events::<v1::ProfileApproved>().await;
        let mut event = serde_json::to_value(&told).expect("JSON")[0].take();
        event["customer_id"] = "0190f3a0-0000-7000-8000-000000000001".into();
        event["approved_at"] = "2026-01-01T00:00:00Z".into();
        assert_eq!(event, crate::events::golden::<v1::ProfileApproved>());
        crate::events::republish(&app).await;
        let again = tap.events::<v1::ProfileApproved>().await;
        assert_eq!((again.len(), &again[1]), (2, &told[0]));
    }

    async fn reviewers_at_the_same_time_both_count(db: TestDb) {
        let (app, author) = start(db).await;
        let (second, third) = (user(&app, 2), user(&app, 3));
        let path = section(&named(&author, "Acme").await, STRATEGY);
        put(&author, &path, "*", &strategy("快")).await.expect(200);
        submit(&author, &path, "*").await.expect(200);
        let twice = [&second, &third, &second].map(|reviewer| review(reviewer, &path, 1, 1, "approve"));
        let mut statuses: Vec<_> = futures::future::join_all(twice).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 409]);
        let done: SectionProfile = author.get(&path).await.read(200);
        assert_eq!((done.approved.map(|version| version.history.len()), done.open), (Some(3), None));
    }

    async fn a_repeated_review_counts_once(db: TestDb) {
        let (app, author) = start(db).await;
        let (second, customer) = (user(&app, 2), named(&author, "Acme").await);
        let path = section(&customer, STRATEGY);
        put(&author, &path, "*", &strategy("快")).await.expect(200);
        let twice = |client: Client, request: fn(&Client, &str) -> reqwest::RequestBuilder| {
            let path = path.clone();
            async move {
                let first = client.send(request(&client, &path)).await.expect(200);
                assert_eq!(client.send(request(&client, &path)).await.expect(200), first);
            }
        };
        twice(author.clone(), |client, path| {
            client.request(Method::POST, &format!("{path}/submission")).header(IF_MATCH, "\"1\"").header("Idempotency-Key", "s")
        })
        .await;
        twice(second.clone(), |client, path| {
            let body = json!({ "number": 1, "round": 1, "decision": "approve" });
            client.request(Method::POST, &format!("{path}/reviews")).header("Idempotency-Key", "r").json(&body)
        })
        .await;
        let section: SectionProfile = author.get(&path).await.read(200);
        assert_eq!(section.open.map(|open| open.history.len()), Some(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_review_nothing() {
    let (app, author) = start(testkit::TestDb::sqlite()).await;
    let path = section(&named(&author, "Acme").await, STRATEGY);
    put(&author, &path, "*", &strategy("快")).await.expect(200);
    submit(&author, &path, "*").await.expect(200);
    let key = key(&app);
    assert_eq!(review(&key, &path, 1, 1, "approve").await.problem(), (403, "person-required"));
}

fn key(app: &App) -> Client {
    app.client_as(chassis::Caller {
        id: "key:0198a000-0000-7000-8000-000000000009".into(),
        name: "erp".into(),
        roles: vec![],
        permissions: vec!["profiles:review".into()],
    })
}
