use registry_contract::{ChainSeat, Contact, Customer, DecisionChain, Position, StanceReading, v1};
use serde_json::{Value, json};
use testkit::{App, Client, both};
use uuid::Uuid;

use crate::support::{at, faults, hold, named, person, redact, seat, start};

struct Acme {
    customer: Customer,
    ceo: Position,
    cto: Position,
    user: Position,
    li: Contact,
}

/// Three seats, the first two held.
async fn acme(client: &Client) -> Acme {
    let customer = named(client, "Acme").await;
    let ceo =
        seat(client, &customer, json!({ "title": "CEO", "level": 1, "decision_role": "decider", "vote_weight": 50 }))
            .await;
    let cto =
        json!({ "title": "CTO", "level": 2, "reports_to": ceo.id, "decision_role": "evaluator", "vote_weight": 30 });
    let cto = seat(client, &customer, cto).await;
    let user = seat(client, &customer, json!({ "title": "User", "reports_to": cto.id, "decision_role": "user" })).await;
    let (li, wang) = (person(client, &customer, "Li").await, person(client, &customer, "Wang").await);
    hold(client, &li, &ceo, "2024-01-01", None).await;
    hold(client, &wang, &cto, "2024-01-01", Some("2026-01-01")).await;
    Acme { customer, ceo, cto, user, li }
}

async fn employ(client: &Client) {
    let zhao = json!({ "code": "zhao.min", "name": "Zhao Min", "active_from": "2020-01-01" });
    client.post("/api/v1/employees", &zhao).await.expect(201);
}

fn chain(acme: &Acme) -> String {
    format!("{}/decision-chain", at(&acme.customer))
}

fn seat_of(acme: &Acme, seat: &Position) -> String {
    format!("{}/seats/{}", chain(acme), seat.id)
}

fn influence_of(acme: &Acme, from: &Position, to: &Position) -> String {
    format!("{}/influences/{}/{}", chain(acme), from.id, to.id)
}

fn stances(seat: &Position) -> String {
    format!("/api/v1/positions/{}/stances", seat.id)
}

async fn read(
    client: &Client,
    seat: &Position,
    contact: &Contact,
    stance: &str,
    day: &str,
    more: Value,
) -> StanceReading {
    let mut new = json!({ "contact_id": contact.id, "stance": stance, "read_on": day, "read_by": "li.wei" });
    for (name, value) in more.as_object().into_iter().flatten() {
        new[name] = value.clone();
    }
    client.post(&stances(seat), &new).await.read(201)
}

both! {
    async fn a_chain_is_ready_to_draw(db: TestDb) {
        let (_app, client) = start(db).await;
        let acme = acme(&client).await;
        employ(&client).await;
        let matched: ChainSeat =
            client.put(&seat_of(&acme, &acme.ceo), &json!({ "matching_employee": "zhao.min" })).await.read(200);
        assert_eq!(matched.matching_employee.as_deref(), Some("zhao.min"));
        client.put(&influence_of(&acme, &acme.user, &acme.ceo), &json!({ "strength": -2 })).await.expect(200);
        read(&client, &acme.ceo, &acme.li, "champion", "2026-02-01", json!({ "note": "Said so at dinner." })).await;
        read(&client, &acme.ceo, &acme.li, "sceptic", "2026-03-01", json!({})).await;
        let drawn = client.get(&format!("{}?as_of=2026-06-01", chain(&acme))).await.expect(200);
        insta::assert_json_snapshot!(redact(drawn), @r#"
        {
          "as_of": "2026-06-01",
          "coverage": {
            "filled": 1,
            "key_seats": 2,
            "key_seats_covered": 1,
            "matched": 1,
            "seats": 3,
            "weight_covered": 50,
            "with_stance": 1
          },
          "customer_id": "[id]",
          "edges": [
            {
              "from": "[id]",
              "kind": "reports_to",
              "strength": null,
              "to": "[id]"
            },
            {
              "from": "[id]",
              "kind": "reports_to",
              "strength": null,
              "to": "[id]"
            },
            {
              "from": "[id]",
              "kind": "influence",
              "strength": -2,
              "to": "[id]"
            }
          ],
          "findings": [
            {
              "code": "weights_missing",
              "contact_id": null,
              "message": "the vote weights add up to 80: 20 are missing to 100 (seats without a weight: 1); shares are computed of 80",
              "position_id": null
            },
            {
              "code": "stance_stale",
              "contact_id": "[id]",
              "message": "the stance was read 92 days before, which is more than 90",
              "position_id": "[id]"
            },
            {
              "code": "key_seat_unfilled",
              "contact_id": null,
              "message": "nobody holds this key seat",
              "position_id": "[id]"
            },
            {
              "code": "holder_left",
              "contact_id": "[id]",
              "message": "its holder left on 2026-01-01, and nobody followed",
              "position_id": "[id]"
            },
            {
              "code": "key_seat_unmatched",
              "contact_id": null,
              "message": "nobody of ours matches this key seat",
              "position_id": "[id]"
            }
          ],
          "nodes": [
            {
              "decision_role": "decider",
              "holders": [
                {
                  "contact_id": "[id]",
                  "from": "2024-01-01",
                  "name": "Li",
                  "stance": {
                    "contact_id": "[id]",
                    "created_at": "[time]",
                    "customer_id": "[id]",
                    "id": "[id]",
                    "note": null,
                    "opportunity_id": null,
                    "position_id": "[id]",
                    "read_by": "li.wei",
                    "read_on": "2026-03-01",
                    "stance": "sceptic"
                  },
                  "until": null
                }
              ],
              "is_key": true,
              "level": 1,
              "matching_employee": "zhao.min",
              "position_id": "[id]",
              "row": 1,
              "stance": "sceptic",
              "title": "CEO",
              "vote_share": 0.625,
              "vote_weight": 50
            },
            {
              "decision_role": "evaluator",
              "holders": [],
              "is_key": true,
              "level": 2,
              "matching_employee": null,
              "position_id": "[id]",
              "row": 2,
              "stance": null,
              "title": "CTO",
              "vote_share": 0.375,
              "vote_weight": 30
            },
            {
              "decision_role": "user",
              "holders": [],
              "is_key": false,
              "level": null,
              "matching_employee": null,
              "position_id": "[id]",
              "row": 3,
              "stance": null,
              "title": "User",
              "vote_share": 0.0,
              "vote_weight": null
            }
          ],
          "opportunity_id": null,
          "weights": {
            "missing": 20,
            "over": 0,
            "sum": 80,
            "unweighted": 1
          }
        }
        "#);

        let before: DecisionChain = client.get(&format!("{}?as_of=2025-12-31", chain(&acme))).await.read(200);
        assert_eq!((before.coverage.filled, before.coverage.with_stance), (2, 0));
        let by_code = format!("/api/v1/customers/{}/decision-chain?as_of=2026-02-15", acme.customer.code);
        let then: DecisionChain = client.get(&by_code).await.read(200);
        assert_eq!(then.nodes[0].stance.map(|stance| stance.as_str()), Some("champion"));
        client.get(&chain(&acme)).await.expect(200);
    }

    async fn who_has_left_us_matches_nobody(db: TestDb) {
        let app = App::start(&registry::SERVICE, db).await;
        let client = app.client(&[
            "customers:read", "customers:write", "contacts:read", "contacts:write", "decision-chains:read",
            "decision-chains:write", "employees:manage",
        ]);
        let acme = acme(&client).await;
        let zhao = json!({ "code": "zhao.min", "name": "Zhao Min", "active_from": "2020-01-01", "active_until": "2026-03-01" });
        client.post("/api/v1/employees", &zhao).await.expect(201);
        client.put(&seat_of(&acme, &acme.ceo), &json!({ "matching_employee": "zhao.min" })).await.expect(200);
        for (day, matched, found) in [("2026-02-28", 1, false), ("2026-03-01", 0, true)] {
            let drawn: DecisionChain =
                client.get(&format!("{}?as_of={day}", chain(&acme))).await.read(200);
            let codes: Vec<_> = drawn.findings.iter().map(|finding| finding.code.as_str()).collect();
            assert_eq!((drawn.coverage.matched, codes.contains(&"matching_employee_left")), (matched, found), "{day}");
        }
    }

    async fn whom_nobody_knows_matches_nobody(db: TestDb) {
        let (_app, client) = start(db).await;
        let acme = acme(&client).await;
        client.put(&seat_of(&acme, &acme.ceo), &json!({ "matching_employee": "zhao.min" })).await.expect(200);
        read(&client, &acme.ceo, &acme.li, "neutral", "2026-02-01", json!({})).await;
        for (known, covered) in [(false, 0), (true, 1)] {
            if known {
                employ(&client).await;
            }
            let drawn: DecisionChain = client.get(&chain(&acme)).await.read(200);
            let codes: Vec<_> = drawn.findings.iter().map(|finding| finding.code.as_str()).collect();
            assert_eq!((drawn.coverage.matched, drawn.coverage.key_seats_covered), (covered, covered));
            assert_eq!(codes.contains(&"matching_employee_unknown"), !known, "{codes:?}");
        }
    }

    async fn who_matches_a_seat_is_of_comparable_rank(db: TestDb) {
        let app = App::start(&registry::SERVICE, db).await;
        let client = app.client(&[
            "customers:read", "customers:write", "contacts:read", "contacts:write", "decision-chains:read",
            "decision-chains:write", "employees:manage",
        ]);
        let acme = acme(&client).await;
        client.patch(&format!("/api/v1/positions/{}", acme.ceo.id), "*", &json!({ "level": 1 })).await.expect(200);
        let zhao = json!({ "code": "zhao.min", "name": "Zhao Min", "active_from": "2020-01-01" });
        client.post("/api/v1/employees", &zhao).await.expect(201);
        client.put(&seat_of(&acme, &acme.ceo), &json!({ "matching_employee": "zhao.min" })).await.expect(200);
        for (rank, found) in [(None, false), (Some(2), false), (Some(3), true)] {
            client.patch("/api/v1/employees/zhao.min", "*", &json!({ "rank": rank })).await.expect(200);
            let drawn: DecisionChain = client.get(&chain(&acme)).await.read(200);
            let codes: Vec<_> = drawn.findings.iter().map(|finding| finding.code.as_str()).collect();
            assert_eq!((drawn.coverage.matched, codes.contains(&"matching_rank_below")), (1, found), "{rank:?}");
        }
    }

    async fn an_opportunity_has_a_chain_of_its_own(db: TestDb) {
        let (_app, client) = start(db).await;
        let acme = acme(&client).await;
        employ(&client).await;
        let opportunity = Uuid::now_v7();
        let of = |path: String| format!("{path}?opportunity={opportunity}");
        client.put(&seat_of(&acme, &acme.ceo), &json!({ "matching_employee": "zhao.min" })).await.expect(200);
        read(&client, &acme.ceo, &acme.li, "champion", "2026-03-01", json!({})).await;
        let inherited: DecisionChain = client.get(&format!("{}&as_of=2026-06-01", of(chain(&acme)))).await.read(200);
        assert_eq!((inherited.nodes.len(), inherited.coverage.matched, inherited.coverage.with_stance), (3, 1, 1));

        client.put(&of(seat_of(&acme, &acme.ceo)), &json!({ "vote_weight": 60 })).await.expect(200);
        let user = json!({ "decision_role": "approver", "vote_weight": 40, "matching_employee": "sun.li" });
        client.put(&of(seat_of(&acme, &acme.user)), &user).await.expect(200);
        client.put(&of(influence_of(&acme, &acme.user, &acme.ceo)), &json!({ "strength": 3 })).await.expect(200);
        read(&client, &acme.ceo, &acme.li, "opponent", "2026-02-01", json!({ "opportunity_id": opportunity })).await;

        let own: DecisionChain = client.get(&format!("{}&as_of=2026-06-01", of(chain(&acme)))).await.read(200);
        let seats: Vec<_> = own
            .nodes
            .iter()
            .map(|n| (n.title.as_str(), n.vote_share, n.matching_employee.as_deref(), n.stance.map(|s| s.as_str())))
            .collect();
        assert_eq!(seats, [("CEO", 0.6, Some("zhao.min"), Some("opponent")), ("User", 0.4, Some("sun.li"), None)]);
        let edges: Vec<_> = own.edges.iter().map(|edge| (edge.kind.as_str(), edge.from, edge.to)).collect();
        assert_eq!(edges, [("reports_to", acme.user.id, acme.ceo.id), ("influence", acme.user.id, acme.ceo.id)]);
        let customers: DecisionChain = client.get(&format!("{}?as_of=2026-06-01", chain(&acme))).await.read(200);
        assert_eq!((customers.nodes.len(), customers.edges.len(), customers.weights.sum), (3, 2, 80));

        assert_eq!(client.delete(&of(seat_of(&acme, &acme.user)), "*").await.status, 204);
        assert_eq!(client.delete(&of(seat_of(&acme, &acme.user)), "*").await.problem(), (404, "chain-seat-not-found"));
        assert_eq!(client.delete(&of(influence_of(&acme, &acme.user, &acme.ceo)), "*").await.status, 204);
        let gone = client.delete(&of(influence_of(&acme, &acme.user, &acme.ceo)), "*").await;
        assert_eq!(gone.problem(), (404, "influence-not-found"));
        let left: DecisionChain = client.get(&of(chain(&acme))).await.read(200);
        assert_eq!((left.nodes.len(), left.edges.len()), (1, 0));

        let other = named(&client, "Other").await;
        let boss = seat(&client, &other, json!({ "title": "Boss" })).await;
        let path = format!("{}/decision-chain/seats/{}?opportunity={opportunity}", at(&other), boss.id);
        assert_eq!(faults(&client.put(&path, &json!({})).await.expect(422)), [("?opportunity", "other-customer")]);
    }

    async fn what_cannot_be_is_refused(db: TestDb) {
        let (_app, client) = start(db).await;
        let acme = acme(&client).await;
        let other = named(&client, "Other").await;
        let foreign = seat(&client, &other, json!({ "title": "Boss" })).await;
        let elsewhere = client.put(&seat_of(&acme, &foreign), &json!({ "matching_employee": "a" })).await;
        assert_eq!(elsewhere.problem(), (404, "position-not-found"));
        let unknown = format!("/api/v1/customers/{}/decision-chain", Uuid::now_v7());
        assert_eq!(client.get(&unknown).await.problem(), (404, "customer-not-found"));
        let refused = client.put(&seat_of(&acme, &acme.ceo), &json!({ "decision_role": "user", "vote_weight": 1 })).await;
        assert_eq!(
            faults(&refused.expect(422)),
            [("/decision_role", "not-allowed"), ("/vote_weight", "not-allowed"), ("/matching_employee", "missing-field")]
        );
        for (from, to, strength, expected) in [
            (&acme.ceo, &acme.cto, 0, &[("/strength", "zero")][..]),
            (&acme.ceo, &acme.cto, 4, &[("/strength", "out-of-range")]),
            (&acme.ceo, &acme.ceo, 1, &[("{to}", "itself")]),
        ] {
            let refused = client.put(&influence_of(&acme, from, to), &json!({ "strength": strength })).await.expect(422);
            assert_eq!(faults(&refused), expected);
        }
        let foreign = client.put(&influence_of(&acme, &acme.ceo, &foreign), &json!({ "strength": 1 })).await;
        assert_eq!(foreign.problem(), (404, "position-not-found"));

        let stance = |contact: &Contact, day: &str| {
            json!({ "contact_id": contact.id, "stance": "neutral", "read_on": day, "read_by": "li.wei" })
        };
        let refused = client.post(&stances(&acme.ceo), &stance(&acme.li, "2023-12-31")).await.expect(422);
        assert_eq!(faults(&refused), [("/contact_id", "not-holder")]);
        let refused = client.post(&stances(&acme.user), &stance(&acme.li, "2999-01-01")).await.expect(422);
        assert_eq!(faults(&refused), [("/read_on", "in-the-future")]);
        let unknown = client.get(&format!("/api/v1/stances/{}", Uuid::now_v7())).await;
        assert_eq!(unknown.problem(), (404, "stance-not-found"));
    }

    async fn readings_are_kept_and_listed(db: TestDb) {
        let (_app, client) = start(db).await;
        let acme = acme(&client).await;
        let opportunity = Uuid::now_v7();
        let first = read(&client, &acme.ceo, &acme.li, "neutral", "2026-01-01", json!({ "note": "Asked about price." })).await;
        read(&client, &acme.ceo, &acme.li, "supporter", "2026-02-01", json!({ "opportunity_id": opportunity })).await;
        assert_eq!(client.get(&format!("/api/v1/stances/{}", first.id)).await.read::<StanceReading>(200), first);
        for (query, expected) in [
            ("", &["supporter", "neutral"][..]),
            ("?sort=read_on", &["neutral", "supporter"]),
            (&format!("?opportunity={opportunity}"), &["supporter"]),
            (&format!("?contact_id={}", acme.li.id), &["supporter", "neutral"]),
            (&format!("?contact_id={}", Uuid::now_v7()), &[]),
        ] {
            let page = client.get(&format!("{}{query}", stances(&acme.ceo))).await.expect(200);
            let found: Vec<_> = page["items"].as_array().expect("items").iter().filter_map(|r| r["stance"].as_str()).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    async fn a_chain_tells_what_changed_and_nobodys_stance(db: TestDb) {
        let (app, client) = start(db).await;
        let acme = acme(&client).await;
        app.drain_outbox().await;
        let tap = app.bus.tap(&[v1::DECISION_CHAIN_UPDATED]).await;
        let set = json!({ "matching_employee": "zhao.min" });
        client.put(&seat_of(&acme, &acme.ceo), &set).await.expect(200);
        client.put(&seat_of(&acme, &acme.ceo), &set).await.expect(200);
        let strength = json!({ "strength": 1 });
        client.put(&influence_of(&acme, &acme.cto, &acme.ceo), &strength).await.expect(200);
        client.put(&influence_of(&acme, &acme.cto, &acme.ceo), &strength).await.expect(200);
        read(&client, &acme.ceo, &acme.li, "opponent", "2026-01-01", json!({ "note": "Hates us." })).await;
        client.put(&seat_of(&acme, &acme.ceo), &json!({})).await.expect(422);
        app.drain_outbox().await;
        let events = tap.events::<v1::DecisionChainUpdated>().await;
        let told: Vec<_> =
            events.iter().map(|e| (e.0.sequence, e.0.seats.len(), e.0.influences.len(), e.0.stance_readings)).collect();
        assert_eq!(told, [(1, 1, 0, 0), (2, 1, 1, 0), (3, 1, 1, 1)]);
        let text = serde_json::to_string(&tap.envelopes().await).expect("JSON");
        assert!(!text.contains("opponent") && !text.contains("Hates") && !text.contains(&acme.li.id.to_string()), "{text}");
    }
}
