use chrono::{DateTime, Days, TimeDelta, Utc};
use registry_contract::{Customer, Tier, TierHistory, TierPolicy, TierProposal, TierProposalState, TierSource, v1};
use scoring_contract::v1::TierProposed;
use serde_json::{Value, json};
use testkit::{App, Client, both, golden_events};
use uuid::Uuid;

use crate::support::{CUSTOMERS, at, colleague, create, faults, named, redact, start};

const PROPOSALS: &str = "/api/v1/tier-proposals";
const POLICIES: &str = "/api/v1/tier-policies";

async fn propose(client: &Client, customer: &Customer, tier: &str) -> TierProposal {
    client.post(PROPOSALS, &json!({ "customer_id": customer.id, "tier": tier, "reason": "grows" })).await.read(201)
}

async fn approve(client: &Client, proposal: &TierProposal) -> TierProposal {
    client.post(&format!("{PROPOSALS}/{}/decisions", proposal.id), &json!({ "verdict": "approve" })).await.read(200)
}

async fn tier_of(client: &Client, customer: &Customer) -> Tier {
    client.get(&at(customer)).await.read::<Customer>(200).tier
}

async fn history(client: &Client, customer: &Customer) -> TierHistory {
    client.get(&format!("{}/tier", at(customer))).await.read(200)
}

async fn undone(client: &Client, customer: &Customer) -> Option<TierProposal> {
    let id = history(client, customer).await.proposal_id?;
    Some(client.get(&format!("{PROPOSALS}/{id}")).await.read(200))
}

fn scored(customer: &Customer, sequence: i64, tier: Tier) -> TierProposed {
    TierProposed {
        customer_id: customer.id,
        sequence,
        tier,
        value: 81,
        reason_codes: vec!["revenue-high".into()],
        policy_version: "value-v1".into(),
        as_of: "2026-03-04T01:30:00Z".parse().expect("an instant"),
    }
}

async fn give_due(app: &App, now: DateTime<Utc>) -> usize {
    registry::give_due_tiers(&app.context().db, now).await.expect("a database")
}

both! {
    async fn two_others_make_a_key_customer(db: TestDb) {
        let (app, client) = start(db).await;
        let (wang, chen) = (colleague(&app, "wang"), colleague(&app, "chen"));
        let tap = app.bus.tap(&[v1::CUSTOMER_TIERED, v1::CUSTOMER_UPDATED]).await;
        let customer = named(&client, "Acme").await;
        let proposed = client
            .post(PROPOSALS, &json!({
                "customer_id": customer.id, "tier": "A", "reason": "framework contract", "evidence": ["contract 4711"],
            }))
            .await;
        assert_eq!(proposed.header("location").expect("a location"), format!("{PROPOSALS}/{}", proposed.body["id"].as_str().expect("an id")));
        let proposal: TierProposal = proposed.clone().read(201);
        insta::assert_json_snapshot!(redact(proposed.body), @r#"
        {
          "approvals_needed": 2,
          "created_at": "[time]",
          "customer_id": "[id]",
          "decisions": [],
          "effective_at": null,
          "effective_from": null,
          "evidence": [
            "contract 4711"
          ],
          "from_tier": "C",
          "id": "[id]",
          "policy_id": "[id]",
          "policy_tier": "A",
          "policy_version": "sabc-v1",
          "proposed_by": "user:0198a000-0000-7000-8000-000000000001",
          "reason": "framework contract",
          "source": "manual",
          "state": "open",
          "tier": "A",
          "updated_at": "[time]",
          "version": 1
        }
        "#);

        let own = client.post(&format!("{PROPOSALS}/{}/decisions", proposal.id), &json!({ "verdict": "approve" })).await;
        assert_eq!(own.problem(), (403, "tier-proposal-own"));
        let first = approve(&wang, &proposal).await;
        assert_eq!((first.state, first.decisions.len()), (TierProposalState::Open, 1));
        let again = approve(&wang, &proposal).await;
        assert_eq!(again, first, "the same said again is nothing new");
        let turned = json!({ "verdict": "reject", "reason": "no" });
        let turned = wang.post(&format!("{PROPOSALS}/{}/decisions", proposal.id), &turned).await;
        assert_eq!(turned.problem(), (409, "tier-decided-already"));
        assert_eq!(tier_of(&client, &customer).await, Tier::C, "one approval is not enough");
        let done = approve(&chen, &proposal).await;
        assert_eq!((done.state, done.decisions.len()), (TierProposalState::InEffect, 2));
        assert_eq!(tier_of(&client, &customer).await, Tier::A);

        let mut shown = client.get(&format!("{}/tier", at(&customer))).await.expect(200);
        for decider in shown["periods"][0]["deciders"].as_array_mut().expect("deciders") {
            *decider = decider.as_str().expect("text").replace("user:", "").into();
        }
        insta::assert_json_snapshot!(redact(shown), @r#"
        {
          "customer_id": "[id]",
          "key_customer": true,
          "periods": [
            {
              "deciders": [
                "wang",
                "chen"
              ],
              "from": "[time]",
              "policy_tier": "A",
              "policy_tier_name": "Partner",
              "policy_tier_name_zh": "伙伴",
              "policy_version": "sabc-v1",
              "proposal_id": "[id]",
              "reason": "framework contract",
              "source": "manual",
              "tier": "A",
              "until": null
            },
            {
              "deciders": [],
              "from": "[time]",
              "policy_tier": null,
              "policy_tier_name": null,
              "policy_tier_name_zh": null,
              "policy_version": null,
              "proposal_id": null,
              "reason": null,
              "source": "created",
              "tier": "C",
              "until": "[time]"
            }
          ],
          "policy_tier": "A",
          "policy_version": "sabc-v1",
          "proposal_id": null,
          "review_due_at": "[time]",
          "reviewed_at": "[time]",
          "tier": "A"
        }
        "#);
        app.drain_outbox().await;
        let told = tap.events::<v1::CustomerTiered>().await;
        assert_eq!((told.len(), told[0].0.from, told[0].0.to, told[0].0.sequence), (1, Tier::C, Tier::A, 2));
        assert_eq!(tap.events::<v1::CustomerUpdated>().await[0].0.tier, Tier::A);
        let text = serde_json::to_string(&tap.envelopes().await).expect("JSON");
        assert!(!text.contains("framework") && !text.contains("4711"), "reasons stay here");
    }

    async fn a_rejection_needs_a_reason_and_ends_it(db: TestDb) {
        let (app, client) = start(db).await;
        let wang = colleague(&app, "wang");
        let customer = named(&client, "Acme").await;
        let proposal = propose(&client, &customer, "S").await;
        let decisions = format!("{PROPOSALS}/{}/decisions", proposal.id);
        let silent = wang.post(&decisions, &json!({ "verdict": "reject" })).await.expect(422);
        assert_eq!(faults(&silent), [("/reason", "missing")]);
        let rejected: TierProposal = wang.post(&decisions, &json!({ "verdict": "reject", "reason": "too early" })).await.read(200);
        assert_eq!((rejected.state, rejected.decisions[0].reason.as_deref()), (TierProposalState::Rejected, Some("too early")));
        let late = colleague(&app, "chen").post(&decisions, &json!({ "verdict": "approve" })).await;
        assert_eq!(late.problem(), (409, "tier-proposal-done"));
        assert_eq!(tier_of(&client, &customer).await, Tier::C);
        propose(&client, &customer, "S").await;
    }

    async fn a_key_decides_nothing(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let proposal = propose(&client, &customer, "B").await;
        let mut caller = crate::support::caller("x", &["tiers:decide"]);
        caller.id = format!("key:{}", Uuid::now_v7());
        let answer = app.client_as(caller).post(&format!("{PROPOSALS}/{}/decisions", proposal.id), &json!({ "verdict": "approve" })).await;
        assert_eq!(answer.problem(), (403, "decider-no-person"));
    }

    async fn one_proposal_at_a_time_which_its_proposer_may_take_back(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let proposal = propose(&client, &customer, "B").await;
        let second = json!({ "customer_id": customer.id, "tier": "A", "reason": "more" });
        assert_eq!(client.post(PROPOSALS, &second).await.problem(), (409, "tier-proposal-undone"));

        let stranger = app.client_as(crate::support::caller("stranger", &["tiers:propose"]));
        let withdrawal = format!("{PROPOSALS}/{}/withdrawal", proposal.id);
        assert_eq!(stranger.post(&withdrawal, &json!({})).await.problem(), (403, "tier-proposal-others"));
        let back: TierProposal = client.post(&withdrawal, &json!({})).await.read(200);
        assert_eq!(back.state, TierProposalState::Withdrawn);
        assert_eq!(client.post(&withdrawal, &json!({})).await.problem(), (409, "tier-proposal-done"));
        client.post(PROPOSALS, &second).await.expect(201);
    }

    async fn a_future_day_is_waited_for_and_comes_once(db: TestDb) {
        let (app, client) = start(db).await;
        let wang = colleague(&app, "wang");
        let customer = create(&client, json!({ "name": "Acme", "time_zone": "America/New_York" })).await;
        let tap = app.bus.tap(&[v1::CUSTOMER_TIERED]).await;
        let day = (Utc::now().date_naive()).checked_add_days(Days::new(10)).expect("a day");
        let new = json!({ "customer_id": customer.id, "tier": "B", "reason": "next year", "effective_from": day });
        let proposal: TierProposal = client.post(PROPOSALS, &new).await.read(201);
        let approved = approve(&wang, &proposal).await;
        assert_eq!((approved.state, tier_of(&client, &customer).await), (TierProposalState::Approved, Tier::C));
        let start_of_day = approved.effective_at.expect("a day's start");
        assert!((4..=5).contains(&(start_of_day - day.and_hms_opt(0, 0, 0).expect("midnight").and_utc()).num_hours()));

        assert_eq!(give_due(&app, start_of_day - TimeDelta::microseconds(1)).await, 0);
        let now = start_of_day + TimeDelta::minutes(1);
        // Replicas meet on it, and one gives it.
        let acts = [(); 4].map(|()| messaging::Act::system(now));
        let given = futures::future::join_all(acts.iter().map(|act| registry::give_tier(&app.context().db, act, proposal.id))).await;
        assert_eq!(given.into_iter().filter(|given| *given.as_ref().expect("a database")).count(), 1);
        assert_eq!(give_due(&app, now).await, 0);
        assert_eq!(tier_of(&client, &customer).await, Tier::B);
        assert_eq!(history(&client, &customer).await.periods[0].from, wire::truncate(now));
        app.drain_outbox().await;
        assert_eq!(tap.events::<v1::CustomerTiered>().await.len(), 1);
    }

    async fn what_waits_survives_a_restart(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let day = (Utc::now().date_naive()).checked_add_days(Days::new(3)).expect("a day");
        let new = json!({ "customer_id": customer.id, "tier": "B", "reason": "soon", "effective_from": day });
        let proposal: TierProposal = client.post(PROPOSALS, &new).await.read(201);
        let approved = approve(&colleague(&app, "wang"), &proposal).await;
        let (db, _bus) = app.stop().await;
        let (app, client) = start(db).await;
        assert_eq!(give_due(&app, approved.effective_at.expect("an instant")).await, 1);
        assert_eq!(tier_of(&client, &customer).await, Tier::B);
    }

    async fn scoring_proposes_and_people_decide(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        app.deliver(&scored(&customer, 2, Tier::A)).await;
        let first = undone(&client, &customer).await.expect("a proposal");
        assert_eq!((first.source, first.proposed_by.as_str(), first.tier), (TierSource::Scoring, "system", Tier::A));
        app.deliver(&scored(&customer, 2, Tier::A)).await;
        app.deliver(&scored(&customer, 1, Tier::S)).await;
        assert_eq!(undone(&client, &customer).await.expect("still").id, first.id, "old news is none");

        app.deliver(&scored(&customer, 3, Tier::S)).await;
        let newer = undone(&client, &customer).await.expect("a proposal");
        assert_eq!((newer.tier, newer.approvals_needed), (Tier::S, 2));
        let before: TierProposal = client.get(&format!("{PROPOSALS}/{}", first.id)).await.read(200);
        assert_eq!(before.state, TierProposalState::Superseded);
        app.deliver(&scored(&customer, 4, Tier::C)).await;
        assert_eq!(undone(&client, &customer).await, None, "what it has is nothing to propose");

        let own = propose(&client, &customer, "B").await;
        app.deliver(&scored(&customer, 5, Tier::S)).await;
        assert_eq!(undone(&client, &customer).await.expect("a proposal").id, own.id, "people are at work on it");
        assert_eq!(client.count(PROPOSALS).await, 3);
    }

    async fn the_golden_proposal_of_scoring_may_come_twice(db: TestDb) {
        let (app, client) = start(db).await;
        let golden = golden_events("scoring").into_iter().find(|event| event.r#type == scoring_contract::v1::TIER_PROPOSED);
        let golden: TierProposed = golden.expect("a golden file").decode().expect("readable");
        let unknown = messaging::Envelope::new(&messaging::Act::system(Utc::now()), &golden).expect("JSON");
        assert!(app.deliver_envelope(&unknown).await.is_err(), "of a customer that is not there: parked, and seen");
        let act = messaging::Act::system(Utc::now()).reserving(golden.customer_id.into());
        registry::create_customer(&app.context().db, &act, registry_contract::NewCustomer::named("Acme")).await.expect("created");
        app.deliver_golden("scoring").await;
        let listed = client.get(PROPOSALS).await.expect(200);
        assert_eq!((listed["items"].as_array().expect("items").len(), &listed["items"][0]["tier"]), (1, &json!("A")));
    }

    async fn a_patch_of_the_tier_is_sent_to_the_proposals(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let refused = client.patch(&at(&customer), "*", &json!({ "tier": "S", "name": " " })).await.expect(422);
        assert_eq!(faults(&refused), [("/name", "blank"), ("/tier", "tier-by-proposal")]);
        let same: Customer = client.patch(&at(&customer), "*", &json!({ "tier": "C" })).await.read(200);
        assert_eq!(same.version, 1, "what it has may be said");
    }

    async fn records_and_files_only_propose(db: TestDb) {
        let (app, client) = start(db).await;
        let key = format!("{CUSTOMERS}/external/sap/1");
        let customer: Customer = client.put(&key, &json!({ "name": "Acme", "tier": "B" })).await.read(201);
        assert_eq!(history(&client, &customer).await.periods.len(), 1);
        let after: Customer = client.put(&key, &json!({ "name": "Acme Ltd", "tier": "A" })).await.read(200);
        assert_eq!((after.tier, after.name.as_str()), (Tier::B, "Acme Ltd"));
        let first = undone(&client, &customer).await.expect("a proposal");
        assert_eq!((first.source, first.tier, first.from_tier), (TierSource::Record, Tier::A, Tier::B));

        crate::support::import(&client, "&system=sap", "external_id,name,tier\n1,Acme Ltd,S\n").await;
        let second = undone(&client, &customer).await.expect("a proposal");
        assert_eq!((second.tier, tier_of(&client, &customer).await), (Tier::S, Tier::B));
        let no = json!({ "verdict": "reject", "reason": "too small" });
        colleague(&app, "wang").post(&format!("{PROPOSALS}/{}/decisions", second.id), &no).await.expect(200);
        client.put(&key, &json!({ "tier": "S" })).await.expect(200);
        assert_eq!(undone(&client, &customer).await, None, "what was turned down is not asked for again");
        client.put(&key, &json!({ "tier": "A" })).await.expect(200);
        assert_eq!(undone(&client, &customer).await.map(|proposal| proposal.tier), Some(Tier::A));
    }

    async fn other_policies_are_data(db: TestDb) {
        let (app, client) = start(db).await;
        let shipped = client.get(&format!("{POLICIES}?sort=code")).await.expect(200);
        let shipped: Vec<TierPolicy> = serde_json::from_value(shipped["items"].clone()).expect("policies");
        let seen: Vec<_> = shipped.iter().map(|policy| (policy.code.as_str(), policy.active, policy.tiers.len())).collect();
        assert_eq!(seen, [("abc", false, 3), ("key-ordinary", false, 2), ("sabc", true, 4)]);

        let customer = named(&client, "Acme").await;
        let active: TierPolicy = client.post(&format!("{POLICIES}/{}/activation", shipped[1].id), &json!({})).await.read(200);
        assert!(active.active);
        let unknown = json!({ "customer_id": customer.id, "tier": "S", "reason": "x" });
        assert_eq!(faults(&client.post(PROPOSALS, &unknown).await.expect(422)), [("/tier", "unknown-tier")]);
        let proposal = propose(&client, &customer, "key").await;
        assert_eq!((proposal.policy_version.as_str(), proposal.tier), ("key-ordinary-v1", Tier::A));
        approve(&colleague(&app, "wang"), &proposal).await;
        approve(&colleague(&app, "chen"), &proposal).await;
        let now = history(&client, &customer).await;
        assert_eq!((now.tier, now.key_customer, now.periods[0].policy_tier.as_deref()), (Tier::A, true, Some("key")));

        let mut tiers: Vec<Value> = shipped[1].tiers.iter().map(|tier| serde_json::to_value(tier).expect("JSON")).collect();
        tiers[0]["approvals_to_enter"] = json!(0);
        tiers[1]["approvals_to_leave"] = json!(0);
        let next = json!({ "code": "key-ordinary", "name": "Key, quickly", "name_zh": "大客户/快", "tiers": tiers });
        let next: TierPolicy = client.post(POLICIES, &next).await.read(201);
        assert_eq!((next.revision, next.active), (2, false));
        client.post(&format!("{POLICIES}/{}/activation", next.id), &json!({})).await.expect(200);
        let second = named(&client, "Second").await;
        assert_eq!(propose(&client, &second, "key").await.state, TierProposalState::InEffect, "none is asked, at once");
        let before: TierPolicy = client.get(&format!("{POLICIES}/{}", active.id)).await.read(200);
        assert!(!before.active);
    }

    async fn lists_show_what_awaits_whom(db: TestDb) {
        let (app, client) = start(db).await;
        let (wang, chen) = (colleague(&app, "wang"), colleague(&app, "chen"));
        let (one, two) = (named(&client, "One").await, named(&client, "Two").await);
        let first = propose(&client, &one, "A").await;
        propose(&wang, &two, "B").await;
        approve(&wang, &first).await;
        let count = async |client: &Client, query: &str| {
            let page = client.get(&format!("{PROPOSALS}?count=exact&{query}")).await.expect(200);
            assert_eq!(page["items"].as_array().map(Vec::len), page["count"].as_u64().map(|count| count as usize));
            page["count"].as_i64().expect("a count")
        };
        for (who, query, expected) in [
            (&client, "mine_to_decide=true", 1),
            (&wang, "mine_to_decide=true", 0),
            (&chen, "mine_to_decide=true", 2),
            (&chen, "tier=A,S", 1),
            (&chen, "state=open", 2),
            (&chen, "state=in_effect,rejected", 0),
            (&chen, "source=scoring", 0),
            (&chen, &format!("customer_id={}", two.id), 1),
        ] {
            assert_eq!(count(who, query).await, expected, "{query}");
        }
    }

    async fn reviews_are_due_by_the_days_of_the_policy(db: TestDb) {
        let (app, client) = start(db).await;
        let ordinary = named(&client, "Ordinary").await;
        let key = create(&client, json!({ "name": "Key", "tier": "S", "owner": "li.wei" })).await;
        let due = async |days: i64, query: &str| {
            let by = (Utc::now() + TimeDelta::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let page = client.get(&format!("/api/v1/tier-reviews?count=exact&due_at={by}{query}")).await.expect(200);
            let codes = page["items"].as_array().expect("items").iter().map(|item| item["code"].as_str().expect("a code").to_owned());
            (codes.collect::<Vec<_>>(), page["count"].as_i64().expect("a count"))
        };
        let codes = |all: &[&Customer]| (all.iter().map(|customer| customer.code.clone()).collect::<Vec<_>>(), all.len() as i64);
        assert_eq!(due(89, "").await, codes(&[]));
        assert_eq!(due(91, "").await, codes(&[&key]));
        assert_eq!(due(181, "").await, codes(&[&ordinary, &key]));
        assert_eq!(due(181, "&tier=C").await, codes(&[&ordinary]));
        assert_eq!(due(181, "&owner=li.wei").await, codes(&[&key]));
        assert_eq!(client.get("/api/v1/tier-reviews").await.expect(200)["items"], json!([]));

        let stays = propose(&client, &key, "S").await;
        approve(&colleague(&app, "wang"), &stays).await;
        let done = approve(&colleague(&app, "chen"), &stays).await;
        let after = history(&client, &key).await;
        assert_eq!((done.state, after.periods.len(), after.tier), (TierProposalState::InEffect, 1, Tier::S), "reviewed, and stays");
        assert_eq!(after.reviewed_at, done.updated_at);
        assert_eq!(client.get(&at(&key)).await.read::<Customer>(200).version, 1);
    }

    async fn a_proposal_repeated_after_a_crash_meets_itself(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let id = Uuid::now_v7();
        let again = || async {
            let act = messaging::Act::new("user:1", None, Utc::now()).reserving(id);
            let new = registry_contract::NewTierProposal {
                customer_id: customer.id, tier: "A".into(), reason: "grows".into(), evidence: vec![], effective_from: None,
            };
            registry::create_tier_proposal(&app.context().db, &act, new).await
        };
        let (first, second) = (again().await.expect("created"), again().await.expect("the same"));
        assert_eq!(first, second);
        assert_eq!(client.count(PROPOSALS).await, 1);
    }

    async fn what_is_not_there_is_not_proposed_for(db: TestDb) {
        let (_app, client) = start(db).await;
        let unknown = Uuid::now_v7();
        for (path, code) in [
            (format!("{PROPOSALS}/{unknown}"), "tier-proposal-not-found"),
            (format!("{POLICIES}/{unknown}"), "tier-policy-not-found"),
            (format!("{CUSTOMERS}/{unknown}/tier"), "customer-not-found"),
        ] {
            assert_eq!(client.get(&path).await.problem(), (404, code));
        }
        for (path, body, code) in [
            (PROPOSALS.to_owned(), json!({ "customer_id": unknown, "tier": "A", "reason": "x" }), "customer-not-found"),
            (format!("{PROPOSALS}/{unknown}/decisions"), json!({ "verdict": "approve" }), "tier-proposal-not-found"),
            (format!("{PROPOSALS}/{unknown}/withdrawal"), json!({}), "tier-proposal-not-found"),
            (format!("{POLICIES}/{unknown}/activation"), json!({}), "tier-policy-not-found"),
        ] {
            assert_eq!(client.post(&path, &body).await.problem(), (404, code));
        }
        let customer = named(&client, "Acme").await;
        let wrong = json!({ "customer_id": customer.id, "tier": "Z", "reason": " ", "effective_from": "2020-01-01" });
        let wrong = client.post(PROPOSALS, &wrong).await.expect(422);
        assert_eq!(faults(&wrong), [("/reason", "blank"), ("/effective_from", "out-of-range"), ("/tier", "unknown-tier")]);
        let wrong = json!({ "code": "x", "name": "x", "name_zh": "x", "tiers": [] });
        assert_eq!(faults(&client.post(POLICIES, &wrong).await.expect(422)), [("/tiers", "too-few")]);
    }
}
