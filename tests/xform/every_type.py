"""A form with every type of question, repeats within repeats, filters, actions, and a random expression over its answers."""

from __future__ import annotations

from tests.xform.sheets import packed

SURVEY = """
| type | name | label | relevant | required | constraint | calculation | default | choice_filter | repeat_count | trigger | parameters | appearance | readonly |
| start | start |
| end | end |
| today | today |
| deviceid | deviceid |
| username | username |
| text | name | Name | | yes | regex(., '[a-z가-힣 ]{1,12}') | | |
| integer | age | Age of ${name} | ${name} != '' | ${name} = 'kim' | . >= 0 and . < 150 |
| decimal | income | Income | ${age} >= 15 or ${age} = '' | | . > -10.5 | | 2.5 |
| date | born | Born | | | . <= today() |
| dateTime | met | Met |
| time | wake | Wake |
| select_one region | region | Region | | | | | north |
| select_one city | city | City | ${region} != '' | yes | | | | region = ${region} |
| select_one city | near | Near | | | | | | region = ${region} and selected(${likes}, 'tea') |
| select_multiple drink | likes | Likes | | | count-selected(.) <= 2 | | tea milk |
| select_multiple drink | mixed | Mixed | | | | | | | | | randomize=true, seed=42 |
| rank drink | order | Order |
| range | mood | Mood | | | | | | | | | start=1 end=5 step=1 |
| acknowledge | agree | Agree |
| barcode | code | Code |
| geopoint | home | Home |
| geotrace | way | Way |
| geoshape | field | Field |
| text | constant | Constant | false() | | | | abc |
| text | locked | Locked | | | | | xyz | | | | | | yes |
| calculate | greeting | | | | | concat('Hello ', ${name}, '!') |
| calculate | double_age | | | | | ${age} * 2 |
| calculate | quarter | | | | | ${income} div 4 |
| calculate | grown | | | | | ${age} >= 18 |
| calculate | next_day | | | | | ${born} + 1 |
| calculate | same_day | | | | | date(${born}) |
| calculate | nested_if | | | | | if(${age} = '', 'none', if(${age} > 17, 'adult', 'child')) |
| calculate | label_of_city | | | | | jr:choice-name(${city}, '${city}') |
| calculate | second_like | | | | | selected-at(${likes}, 1) |
| calculate | kept | | | | | once(${age}) |
| calculate | chained | | | | | ${double_age} + ${quarter} |
| calculate | capital | | | | | instance('city')/root/item[name = ${city}]/capital |
| text | noted | Noted | | | | string(${age} + 1) | | | | ${age} |
| dateTime | noted_at | Noted at | | | | now() | | | | ${name} |
| date | due | Due | | | | | date(today() + 7) |
| begin_group | work | Work | ${age} > 17 |
| text | job | Job | | yes |
| begin_group | firm | Firm | ${job} != 'none' |
| integer | staff | Staff | | ${job} = 'boss' | . > 0 |
| decimal | per_head | Per head | | | | ${income} div ${staff} |
| end_group |
| calculate | job_text | | | | | concat(${job}, '/', ${staff}) |
| end_group |
| calculate | outside | | | | | concat('[', ${job}, ';', ${staff}, ']') |
| begin_repeat | child | Child | ${name} != 'alone' |
| text | first | First | | yes | . != ${name} |
| integer | years | Years | ${first} != '' | | . < ${age} |
| calculate | at | | | | | position(..) |
| calculate | tag | | | | | concat(${first}, '-', ${at}) |
| calculate | older | | | | | count(../../child[years > current()/../years]) |
| calculate | before | | | | | indexed-repeat(${years}, ${child}, ${at} - 1) |
| select_one region | from | From |
| select_one city | town | Town | | | | | | region = ${from} |
| begin_repeat | toy | Toy | ${years} < 12 |
| text | toy_name | Toy name |
| integer | price | Price | | ${years} > 3 | . <= ${age} |
| calculate | toy_at | | | | | position(..) |
| calculate | whose | | | | | concat(${first}, ':', ${toy_name}) |
| end_repeat |
| calculate | spent | | | | | sum(${price}) |
| integer | pets | Pets | ${years} > 2 |
| begin_repeat | pet | Pet | | | | | | | ${pets} |
| text | pet_name | Pet name | | yes |
| calculate | pet_tag | | | | | concat(${first}, position(..), ${pet_name}) |
| end_repeat |
| end_repeat |
| calculate | children | | | | | count(${child}) |
| calculate | years_sum | | | | | sum(${years}) |
| calculate | eldest | | | | | max(${years}) |
| calculate | names | | | | | join(', ', ${first}) |
| calculate | all_spent | | | | | sum(${price}) |
| calculate | second_child | | | | | indexed-repeat(${first}, ${child}, 2) |
| integer | rooms | Rooms | | | . <= 6 |
| begin_repeat | room | Room | | | | | | | ${rooms} |
| integer | area | Area |
| calculate | number | | | | | position(..) |
| end_repeat |
| calculate | whole_area | | | | | sum(${area}) |
| select_one ${first} | favourite | Favourite |
| note | summary | ${name} has ${children} children: ${names} |
"""  # noqa: E501 - a table

CHOICES = """
| list_name | name | label | region | capital |
| region | north | North | | |
| region | south | South | | |
| city | a | Alpha | north | yes |
| city | b | Beta | north | no |
| city | c | Gamma | south | yes |
| city | d | Delta | south | no |
| drink | tea | Tea | | |
| drink | milk | Milk | | |
| drink | water | Water | | |
| drink | 차 | 차 | | |
"""


def every_type():
    return packed(SURVEY, CHOICES)
