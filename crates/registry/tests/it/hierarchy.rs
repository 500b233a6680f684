use chrono::{Days, NaiveDate, Utc};
use messaging::Act;
use registry_contract::{Customer, CustomerLink, Hierarchy, v1};
use serde_json::{Value, json};
use testkit::{Client, both};
use uuid::Uuid;

use crate::support::{CUSTOMERS, all_pages, at, create, faults, named, person, redact, start};

async fn link(client: &Client, child: &Customer, body: Value) -> CustomerLink {
    client.post(&format!("{}/links", at(child)), &body).await.read(201)
}

async fn parent(client: &Client, customer: &Customer) -> Value {
    client.get(&at(customer)).await.expect(200)["parent_id"].clone()
}

/// Whom the customer belonged to, by first day: parent's name and days.
async fn history(client: &Client, child: &Customer, names: &[&Customer]) -> Vec<String> {
    let (links, _) = all_pages(client, &format!("{}/links?limit=1", at(child))).await;
    let name = |link: &Value| names.iter().find(|one| link["parent_id"] == json!(one.id)).map_or("?", |one| &one.name);
    let until = |link: &Value| link["until"].as_str().unwrap_or("on").to_owned();
    links
        .iter()
        .map(|link| format!("{} {} {}", name(link), link["from"].as_str().unwrap_or("?"), until(link)))
        .collect()
}

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

both! {
    async fn a_customer_belongs_to_a_parent_and_never_to_itself(db: TestDb) {
        let (_app, client) = start(db).await;
        let group = named(&client, "Group").await;
        let company = create(&client, json!({ "name": "Company", "parent_id": group.id })).await;
        let site = create(&client, json!({ "name": "Site", "parent_id": company.id })).await;
        assert_eq!(site.parent_id, Some(company.id));

        for (child, parent) in [(&group, &group), (&group, &company), (&group, &site), (&company, &site)] {
            let refused = client.patch(&at(child), "*", &json!({ "parent_id": parent.id })).await.expect(422);
            assert_eq!(faults(&refused), [("/parent_id", "hierarchy-cycle")], "{} under {}", child.name, parent.name);
        }
        let moved: Customer = client.patch(&at(&site), "*", &json!({ "parent_id": group.id })).await.read(200);
        assert_eq!(moved.parent_id, Some(group.id));
        let freed: Customer = client.patch(&at(&company), "*", &json!({ "parent_id": null })).await.read(200);
        assert_eq!(freed.parent_id, None);

        let members = client.get(&format!("{CUSTOMERS}?parent_id={}", group.id)).await.expect(200);
        assert_eq!(members["items"].as_array().map(Vec::len), Some(1));
    }

    async fn two_moves_at_once_never_close_a_circle(db: TestDb) {
        let (_app, client) = start(db).await;
        for round in 0..5 {
            let one = named(&client, &format!("One {round}")).await;
            let other = named(&client, &format!("Other {round}")).await;
            let (path_one, path_other) = (at(&one), at(&other));
            let (under_other, under_one) = (json!({ "parent_id": other.id }), json!({ "parent_id": one.id }));
            let (first, second) =
                futures::join!(client.patch(&path_one, "*", &under_other), client.patch(&path_other, "*", &under_one));
            let mut statuses = [first.status, second.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 422]);
        }
    }

    async fn links_have_days_and_the_parent_is_todays(db: TestDb) {
        let (app, client) = start(db).await;
        let (old, new) = (named(&client, "Old").await, named(&client, "New").await);
        let site = named(&client, "Site").await;
        let tap = app.bus.tap(&[v1::CUSTOMER_UPDATED]).await;

        let first = json!({ "parent_id": old.id, "kind": "site", "from": "2020-01-01" });
        let created = client.post(&format!("{}/links", at(&site)), &first).await;
        let location = created.header("location").expect("a location").to_owned();
        insta::assert_json_snapshot!(redact(created.expect(201)), @r#"
        {
          "child_id": "[id]",
          "created_at": "[time]",
          "from": "2020-01-01",
          "id": "[id]",
          "kind": "site",
          "parent_id": "[id]",
          "until": null,
          "updated_at": "[time]",
          "version": 1
        }
        "#);
        assert_eq!(parent(&client, &site).await, json!(old.id));
        link(&client, &site, json!({ "parent_id": new.id, "kind": "subsidiary", "from": "2024-07-01" })).await;
        assert_eq!(parent(&client, &site).await, json!(new.id));
        assert_eq!(history(&client, &site, &[&old, &new]).await, ["Old 2020-01-01 2024-07-01", "New 2024-07-01 on"]);

        let free: Customer = client.patch(&at(&site), "*", &json!({ "parent_id": null })).await.read(200);
        assert_eq!(free.parent_id, None);
        let back: Customer = client.patch(&at(&site), "*", &json!({ "parent_id": old.id })).await.read(200);
        assert_eq!(back.parent_id, Some(old.id));
        let on = today();
        assert_eq!(
            history(&client, &site, &[&old, &new]).await,
            ["Old 2020-01-01 2024-07-01".to_owned(), format!("New 2024-07-01 {on}"), format!("Old {on} on")]
        );
        app.drain_outbox().await;
        let parents: Vec<_> = tap.events::<v1::CustomerUpdated>().await.into_iter().map(|event| event.0.parent_id).collect();
        assert_eq!(parents, [Some(old.id), Some(new.id), None, Some(old.id)]);

        assert_eq!(client.patch(&location, "\"1\"", &json!({ "kind": "branch" })).await.problem(), (412, "version-stale"));
        let changed = client.patch(&location, "\"2\"", &json!({ "kind": "branch", "until": "2021-01-01" })).await;
        assert_eq!(changed.etag(), "\"3\"");
        assert_eq!(client.get(&location).await.read::<CustomerLink>(200), changed.read(200));
        assert_eq!(parent(&client, &site).await, json!(old.id), "the past changes nothing of today");
    }

    async fn a_link_that_begins_later_is_in_force_when_its_day_comes(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, other) = (named(&client, "One").await, named(&client, "Other").await);
        let child = create(&client, json!({ "name": "Child", "parent_id": one.id })).await;
        let day = today() + Days::new(30);
        let later = link(&client, &child, json!({ "parent_id": other.id, "from": day, "until": day + Days::new(10) })).await;
        assert_eq!(parent(&client, &child).await, json!(one.id));
        let settle = async |days: u64| {
            registry::settle_hierarchy(&app.context().db, &Act::system(Utc::now() + Days::new(days))).await.expect("settled")
        };
        assert_eq!(settle(0).await, 0);
        assert_eq!(settle(29).await, 0);
        assert_eq!((settle(30).await, settle(31).await, parent(&client, &child).await), (1, 0, json!(other.id)));
        assert_eq!((settle(40).await, settle(41).await, parent(&client, &child).await), (1, 0, Value::Null));
        assert_eq!(settle(35).await, 1);

        // Withdrawn, it never held; what it ended stays ended.
        let at_link = format!("/api/v1/customer-links/{}", later.id);
        let withdrawn: CustomerLink = client.patch(&at_link, "*", &json!({ "until": day })).await.read(200);
        assert_eq!(withdrawn.until, Some(day));
        let shown: Hierarchy = client.get(&format!("{}/hierarchy?as_of={day}", at(&child))).await.read(200);
        assert_eq!(shown.ancestors, []);
    }

    async fn on_no_day_does_anybody_belong_to_itself_or_to_two(db: TestDb) {
        let (_app, client) = start(db).await;
        let (a, b, c) = (named(&client, "A").await, named(&client, "B").await, named(&client, "C").await);
        link(&client, &b, json!({ "parent_id": a.id, "from": "2030-01-01", "until": "2031-01-01" })).await;
        let ab = link(&client, &c, json!({ "parent_id": b.id, "from": "2030-06-01" })).await;
        let links = format!("{}/links", at(&a));
        for (parent, from, until, expected) in [
            (&a, "2020-01-01", json!(null), vec![("/parent_id", "hierarchy-cycle")]),
            (&b, "2020-01-01", json!(null), vec![("/parent_id", "hierarchy-cycle")]),
            (&c, "2029-01-01", json!("2030-06-02"), vec![("/parent_id", "hierarchy-cycle")]),
            (&c, "2030-01-01", json!("2029-01-01"), vec![("/until", "not-after-from")]),
        ] {
            let refused = client.post(&links, &json!({ "parent_id": parent.id, "from": from, "until": until })).await;
            assert_eq!(faults(&refused.expect(422)), expected, "{} {from}", parent.name);
        }
        let unknown = json!({ "parent_id": Uuid::now_v7(), "from": "2020-01-01" });
        assert_eq!(faults(&client.post(&links, &unknown).await.expect(422)), [("/parent_id", "unknown-customer")]);
        link(&client, &a, json!({ "parent_id": c.id, "from": "2029-01-01", "until": "2030-06-01" })).await;
        let at_link = format!("/api/v1/customer-links/{}", ab.id);
        let own = format!("{}/links", at(&b));
        let refused = client.post(&own, &json!({ "parent_id": c.id, "from": "2029-06-01", "until": "2030-01-02" })).await;
        assert_eq!(faults(&refused.expect(422)), [("/until", "overlaps")]);
        for path in [at_link, format!("/api/v1/customer-links/{}", Uuid::now_v7())] {
            let answer = client.patch(&path, "*", &json!({ "until": "2030-01-01" })).await;
            match path.ends_with(&ab.id.to_string()) {
                true => assert_eq!(faults(&answer.expect(422)), [("/until", "not-after-from")]),
                false => assert_eq!(answer.problem(), (404, "customer-link-not-found")),
            }
        }
    }

    async fn a_hierarchy_is_shown_as_of_a_day_with_its_sums(db: TestDb) {
        let (_app, client) = start(db).await;
        let money = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
        let group = create(&client, json!({ "name": "Group", "tier": "S", "annual_revenue": money("100.00", "CNY") })).await;
        let company = create(&client, json!({ "name": "Company", "tier": "A", "annual_revenue": money("20.50", "EUR") })).await;
        let branch = create(&client, json!({ "name": "Branch", "annual_revenue": money("1.50", "EUR") })).await;
        let site = create(&client, json!({ "name": "Site", "annual_revenue": money("7.00", "CNY") })).await;
        link(&client, &company, json!({ "parent_id": group.id, "kind": "subsidiary", "from": "2020-01-01" })).await;
        link(&client, &branch, json!({ "parent_id": group.id, "kind": "branch", "from": "2021-01-01" })).await;
        link(&client, &site, json!({ "parent_id": group.id, "kind": "site", "from": "2020-01-01" })).await;
        link(&client, &site, json!({ "parent_id": company.id, "kind": "site", "from": "2022-01-01" })).await;
        person(&client, &company, "Li").await;
        person(&client, &site, "Wang").await;

        let whole = client.get(&format!("{CUSTOMERS}/{}/hierarchy?as_of=2023-01-01", group.code)).await.expect(200);
        insta::assert_json_snapshot!(redact(whole), @r#"
        {
          "ancestors": [],
          "as_of": "2023-01-01",
          "nodes": [
            {
              "code": "C-000001",
              "depth": 0,
              "id": "[id]",
              "kind": "enterprise",
              "link": null,
              "name": "Group",
              "tier": "S",
              "total": {
                "annual_revenue": [
                  {
                    "amount": "107.00",
                    "currency": "CNY"
                  },
                  {
                    "amount": "22.00",
                    "currency": "EUR"
                  }
                ],
                "by_tier": {
                  "A": 1,
                  "B": 0,
                  "C": 2,
                  "S": 1
                },
                "contacts": 2,
                "customers": 4
              }
            },
            {
              "code": "C-000003",
              "depth": 1,
              "id": "[id]",
              "kind": "enterprise",
              "link": {
                "from": "2021-01-01",
                "kind": "branch",
                "parent_id": "[id]"
              },
              "name": "Branch",
              "tier": "C",
              "total": {
                "annual_revenue": [
                  {
                    "amount": "1.50",
                    "currency": "EUR"
                  }
                ],
                "by_tier": {
                  "A": 0,
                  "B": 0,
                  "C": 1,
                  "S": 0
                },
                "contacts": 0,
                "customers": 1
              }
            },
            {
              "code": "C-000002",
              "depth": 1,
              "id": "[id]",
              "kind": "enterprise",
              "link": {
                "from": "2020-01-01",
                "kind": "subsidiary",
                "parent_id": "[id]"
              },
              "name": "Company",
              "tier": "A",
              "total": {
                "annual_revenue": [
                  {
                    "amount": "7.00",
                    "currency": "CNY"
                  },
                  {
                    "amount": "20.50",
                    "currency": "EUR"
                  }
                ],
                "by_tier": {
                  "A": 1,
                  "B": 0,
                  "C": 1,
                  "S": 0
                },
                "contacts": 2,
                "customers": 2
              }
            },
            {
              "code": "C-000004",
              "depth": 2,
              "id": "[id]",
              "kind": "enterprise",
              "link": {
                "from": "2022-01-01",
                "kind": "site",
                "parent_id": "[id]"
              },
              "name": "Site",
              "tier": "C",
              "total": {
                "annual_revenue": [
                  {
                    "amount": "7.00",
                    "currency": "CNY"
                  }
                ],
                "by_tier": {
                  "A": 0,
                  "B": 0,
                  "C": 1,
                  "S": 0
                },
                "contacts": 1,
                "customers": 1
              }
            }
          ]
        }
        "#);
        let outline = async |customer: &Customer, query: &str| {
            let shown: Hierarchy = client.get(&format!("{}/hierarchy?{query}", at(customer))).await.read(200);
            let above: Vec<_> = shown.ancestors.iter().map(|member| member.name.as_str()).collect();
            let below = shown.nodes.iter().map(|node| format!("{}{}:{}", node.depth, node.member.name, node.total.customers));
            format!("{} > {}", above.join(" "), below.collect::<Vec<_>>().join(" "))
        };
        for (customer, query, expected) in [
            (&site, "as_of=2023-01-01", "Group Company > 0Site:1"),
            (&site, "", "Group Company > 0Site:1"),
            (&site, "as_of=2021-06-01", "Group > 0Site:1"),
            (&site, "as_of=2019-12-31", " > 0Site:1"),
            (&group, "as_of=2019-12-31", " > 0Group:1"),
            (&group, "as_of=2020-06-01", " > 0Group:3 1Company:1 1Site:1"),
            (&group, "as_of=2021-12-31", " > 0Group:4 1Branch:1 1Company:1 1Site:1"),
            (&group, "depth=1", " > 0Group:4 1Branch:1 1Company:2"),
            (&group, "depth=0", " > 0Group:4"),
            (&company, "", "Group > 0Company:2 1Site:1"),
        ] {
            assert_eq!(outline(customer, query).await, expected, "{} {query}", customer.name);
        }
        let wrong = client.get(&format!("{}/hierarchy?depth=21&as_of=today", at(&group))).await;
        assert_eq!(wrong.problem(), (400, "query-invalid"));
        let unknown = client.get(&format!("{CUSTOMERS}/{}/hierarchy", Uuid::now_v7())).await;
        assert_eq!(unknown.problem(), (404, "customer-not-found"));
    }
}
