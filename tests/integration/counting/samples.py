"""What people write to a bot, by language and kind; each line is one message."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = {
    "English": """
Could you explain to me why bread dough has to rest before it goes into the oven?
We had planned a walk along the river, but the weather turned and everybody stayed in to play cards.
My brother says that the engine makes a strange noise whenever it is cold. What should he look at first?
Please write a short, friendly letter to our neighbours: the concert on Saturday ends at ten.
I read three chapters last night, and I still can't tell who stole the painting.
""",
    "German": """
Kannst du mir erklären, warum der Brotteig vor dem Backen so lange ruhen muss?
Wir wollten am Fluss spazieren gehen, aber dann kam ein Gewitter, und alle blieben drinnen und spielten Karten.
Mein Bruder meint, der Motor klappert immer dann, wenn es draußen kalt ist. Was sollte er zuerst prüfen?
Schreib bitte unseren Nachbarn einen kurzen, freundlichen Brief über das Hauskonzert am Samstagabend.
Gestern Nacht habe ich drei Kapitel gelesen und weiß noch immer nicht, wer das Gemälde gestohlen hat.
""",
    "French": """
Peux-tu m'expliquer pourquoi la pâte à pain doit reposer avant d'aller au four ?
Nous voulions marcher le long de la rivière, mais l'orage a éclaté et tout le monde a joué aux cartes.
Mon frère dit que le moteur fait un drôle de bruit dès qu'il fait froid. Que doit-il vérifier d'abord ?
Écris une courte lettre aimable à nos voisins : le concert de samedi soir s'arrêtera à dix heures.
Hier soir, j'ai lu trois chapitres et je ne sais toujours pas qui a volé le tableau.
""",
    "Vietnamese": """
Bạn có thể giải thích cho mình vì sao bột bánh mì phải để nghỉ trước khi nướng không?
Chúng tôi định đi dạo dọc bờ sông, nhưng trời đổ mưa nên mọi người ở nhà chơi bài.
Anh trai tôi nói động cơ kêu rất lạ mỗi khi trời lạnh. Anh ấy nên kiểm tra cái gì trước?
Hãy viết một lá thư ngắn và thân thiện cho hàng xóm về buổi hòa nhạc tối thứ bảy.
Tối qua tôi đọc ba chương mà vẫn chưa biết ai đã lấy trộm bức tranh.
""",
    "Chinese": """
你能告诉我为什么面团在进烤箱之前要先醒一会儿吗？
我们本来打算沿着河边散步，结果突然下起大雨，大家只好留在屋里打牌。
我哥哥说天气一冷发动机就会发出奇怪的声音，他应该先检查哪里？
请帮我给邻居写一封简短又客气的信，告诉他们星期六晚上的音乐会十点结束。
昨天夜里我一口气读了三章，可还是猜不出到底是谁偷走了那幅画。
""",
    "Traditional Chinese": """
你能告訴我為什麼麵團在進烤箱之前要先醒一會兒嗎？
我們本來打算沿著河邊散步，結果突然下起大雨，大家只好留在屋裡打牌。
我哥哥說天氣一冷發動機就會發出奇怪的聲音，他應該先檢查哪裡？
請幫我給鄰居寫一封簡短又客氣的信，告訴他們星期六晚上的音樂會十點結束。
昨天夜裡我一口氣讀了三章，可還是猜不出到底是誰偷走了那幅畫。
""",
    "Chinese with English": """
这个 function 为什么返回 None？我明明在最后写了 return result。
帮我看看 docker compose 的 log，容器一直 restart，端口 mapping 应该没问题。
我用 React 写了一个小 app，每次 setState 之后页面都要 render 两次。
能不能把这段 Python 改成 async 的？里面用到了 requests 和 pandas。
""",
    "Japanese": """
パン生地はどうして焼く前に休ませなければならないのか、教えてもらえますか。
川沿いを散歩するつもりだったのに、急に雨が降り出して、みんな家でトランプをしていました。
寒い日になるとエンジンから変な音がすると兄が言っています。まずどこを調べればいいでしょうか。
土曜日の夜のコンサートは十時に終わりますと、近所の人たちに短い手紙を書いてください。
昨日の夜は三章も読んだのに、だれが絵を盗んだのかまだ分かりません。
""",
    "Korean": """
빵 반죽은 왜 오븐에 넣기 전에 쉬게 해야 하는지 설명해 줄 수 있어?
우리는 강가를 산책하려고 했는데 갑자기 비가 쏟아져서 모두 집에서 카드놀이를 했어요.
형이 그러는데 날씨가 추우면 엔진에서 이상한 소리가 난대요. 먼저 어디를 살펴봐야 할까요?
토요일 저녁 음악회는 열 시에 끝난다고 이웃들에게 짧고 다정한 편지를 써 주세요.
어젯밤에 세 장을 읽었는데도 누가 그림을 훔쳤는지 아직 모르겠어요.
내일 아침 일찍 출발해야 하는데 자전거 바퀴에 바람이 빠져 있네. 근처에 고칠 만한 데가 있을까?
이 문장을 좀 더 자연스럽게 고쳐 줘. 회사에 보내는 메일이라 너무 딱딱하지 않으면 좋겠어.
고양이가 자꾸 새벽에 깨워서 잠을 못 자요. 어떻게 하면 버릇을 고칠 수 있을까요?
""",
    "Russian": """
Объясни, пожалуйста, почему тесто для хлеба должно постоять, прежде чем его поставят в печь?
Мы собирались погулять вдоль реки, но началась гроза, и все остались дома играть в карты.
Брат говорит, что двигатель странно шумит, как только становится холодно. Что ему проверить сначала?
Напиши короткое дружелюбное письмо соседям: концерт в субботу закончится в десять часов.
Вчера ночью я прочитал три главы и до сих пор не понимаю, кто украл картину.
""",
    "Ukrainian": """
Поясни, будь ласка, чому тісто для хліба має відпочити, перш ніж потрапить до печі?
Ми хотіли прогулятися вздовж річки, але почалася злива, і всі залишилися вдома грати в карти.
Брат каже, що двигун дивно гуде щоразу, коли холодно. Що йому перевірити спочатку?
Напиши короткого приязного листа сусідам: концерт у суботу закінчиться о десятій.
""",
    "Greek": """
Μπορείς να μου εξηγήσεις γιατί το ζυμάρι πρέπει να ξεκουραστεί πριν μπει στον φούρνο;
Θέλαμε να περπατήσουμε δίπλα στο ποτάμι, αλλά άρχισε να βρέχει και μείναμε όλοι μέσα.
Ο αδελφός μου λέει ότι η μηχανή κάνει έναν παράξενο θόρυβο όταν κάνει κρύο. Τι να κοιτάξει πρώτα;
Χθες το βράδυ διάβασα τρία κεφάλαια και ακόμα δεν ξέρω ποιος έκλεψε τον πίνακα.
""",
    "Hebrew": """
אתה יכול להסביר לי למה הבצק צריך לנוח לפני שהוא נכנס לתנור?
רצינו לטייל לאורך הנהר, אבל פתאום ירד גשם וכולם נשארו בבית ושיחקו בקלפים.
אחי אומר שהמנוע משמיע רעש מוזר בכל פעם שקר בחוץ. מה כדאי לו לבדוק קודם?
אתמול בלילה קראתי שלושה פרקים ואני עדיין לא יודע מי גנב את הציור.
""",
    "Arabic": """
هل يمكنك أن تشرح لي لماذا يجب أن ترتاح العجينة قبل أن تدخل الفرن؟
كنا نريد أن نمشي بجانب النهر، لكن المطر نزل فجأة وبقي الجميع في البيت يلعبون الورق.
يقول أخي إن المحرك يصدر صوتا غريبا كلما كان الجو باردا. ماذا يجب أن يفحص أولا؟
اكتب رسالة قصيرة ولطيفة إلى جيراننا عن الحفلة الموسيقية مساء السبت.
قرأت أمس ثلاثة فصول وما زلت لا أعرف من سرق اللوحة.
""",
    "Hindi": """
क्या तुम मुझे बता सकते हो कि रोटी का आटा सेंकने से पहले क्यों रखा जाता है?
हम नदी के किनारे टहलना चाहते थे, लेकिन अचानक बारिश होने लगी और सब घर में ताश खेलते रहे।
मेरा भाई कहता है कि ठंड में इंजन से अजीब आवाज़ आती है। उसे पहले क्या देखना चाहिए?
पड़ोसियों को एक छोटा और प्यारा पत्र लिखो कि शनिवार का संगीत दस बजे खत्म होगा।
कल रात मैंने तीन अध्याय पढ़े और अब भी नहीं जानता कि चित्र किसने चुराया।
""",
    "Tamil": """
ரொட்டி மாவு சுடுவதற்கு முன் ஏன் ஓய்வெடுக்க வேண்டும் என்று சொல்ல முடியுமா?
நாங்கள் ஆற்றங்கரையில் நடக்க நினைத்தோம், ஆனால் மழை வந்ததால் எல்லோரும் வீட்டில் இருந்தோம்.
குளிர் காலத்தில் இயந்திரம் ஏன் சத்தம் போடுகிறது என்று என் அண்ணன் கேட்கிறார்.
""",
    "Telugu": """
రొట్టె పిండిని కాల్చే ముందు ఎందుకు పక్కన పెట్టాలో చెప్పగలవా?
మేము నది ఒడ్డున నడవాలని అనుకున్నాము, కానీ వర్షం రావడంతో అందరూ ఇంట్లోనే ఉన్నారు.
చలిగా ఉన్నప్పుడు ఇంజిన్ ఎందుకు శబ్దం చేస్తుందో మా అన్న అడుగుతున్నాడు.
""",
    "Thai": """
ช่วยอธิบายหน่อยได้ไหมว่าทำไมต้องพักแป้งขนมปังก่อนเข้าเตาอบ
เราตั้งใจจะเดินเล่นริมแม่น้ำ แต่ฝนตกหนักทุกคนเลยอยู่บ้านเล่นไพ่กัน
พี่ชายบอกว่าเครื่องยนต์มีเสียงแปลก ๆ เวลาอากาศเย็น เขาควรตรวจดูอะไรก่อน
ช่วยเขียนจดหมายสั้น ๆ ถึงเพื่อนบ้านว่าคอนเสิร์ตวันเสาร์จะเลิกตอนสี่ทุ่ม
เมื่อคืนฉันอ่านไปสามบทแล้วยังไม่รู้เลยว่าใครขโมยภาพวาด
""",
    "Lao": """
ເຈົ້າອະທິບາຍໃຫ້ຂ້ອຍໄດ້ບໍວ່າເປັນຫຍັງຕ້ອງພັກແປ້ງກ່ອນເຂົ້າເຕົາອົບ
ພວກເຮົາຢາກຍ່າງຫຼິ້ນແຄມນ້ຳ ແຕ່ຝົນຕົກແຮງ ທຸກຄົນເລີຍຢູ່ເຮືອນ
""",
    "Georgian": """
შეგიძლია ამიხსნა, რატომ უნდა დაისვენოს პურის ცომმა გამოცხობამდე?
მდინარის პირას გვინდოდა გასეირნება, მაგრამ წვიმა დაიწყო და ყველანი სახლში დავრჩით.
""",
    "Amharic": """
የዳቦ ሊጥ ከመጋገሩ በፊት ለምን ማረፍ እንዳለበት ልትነግረኝ ትችላለህ?
በወንዙ ዳር መሄድ ፈልገን ነበር፣ ግን ዝናብ ስለመጣ ሁላችንም ቤት ቀረን።
""",
    "Burmese": """
ပေါင်မုန့်ဂျုံကို မဖုတ်ခင် ဘာကြောင့် ခဏထားရတာလဲ ပြောပြနိုင်မလား
ကျွန်တော်တို့ မြစ်ကမ်းမှာ လမ်းလျှောက်ချင်ပေမယ့် မိုးရွာလို့ အိမ်မှာပဲ နေခဲ့ကြတယ်
""",
    "Emoji": """
Happy birthday!!! 🎂🎉🥳 hope you had a great day 💖✨ see you tomorrow 👋🏽
😂😂😂 no way 🤯 that cat 🐈‍⬛ just opened the door 🚪👀
🌧️➡️🌈 we made it ❤️‍🔥 🙌🏻🙌🏿
""",
}

KINDS: Final = {
    "Markdown": """
## What changed
- **Stop** now ends the *whole* answer, see [the notes](https://example.org/notes#stop)
- `make check` runs in 40 s; before it took 95 s
1. Open `settings.toml`
2. Set `retries = 3`
| name | default | range |
|---|---|---|
| `steps` | 20 | 1–50 |
""",
    "Python": """
def widest(rows: list[dict[str, int]]) -> int:
    best = 0
    for row in rows:
        best = max(best, sum(len(key) + value for key, value in row.items()))
    return best if best > 0 else -1
async with session.get(url, timeout=ClientTimeout(total=30)) as response:
    payload = await response.json()
""",
    "JSON with ids": """
{"id":"1093847562019384756","type":0,"channel_id":"884736251029384756","flags":64,"tts":false}
{"user":{"id":"229384756102938475","name":"ann_w","roles":["102938475610293847","918273645546372819"]},"seq":4471}
{"created_at":"2026-03-14T09:26:53.589Z","price":1289.75,"qty":3,"sku":"AX-2201-B","tags":["new","eu"]}
""",
    "Table of digits": """
12.4 88.1 90.7 14.9 63.2 71.5
103 2984 1177 460 98211 30007
0.118 0.932 0.447 0.201 0.776 0.359
5512,7741,9023,1184,6650,2297
2025-11-03 18:44:09 7731.20 -41.5 12
""",
    "Hex and UUIDs": """
3f9a7c01-5e2d-4b88-9c14-a07be2d6f513 e41d8cd98f00b204e9800998ecf8427e
0xdeadbeef 0x7fff5fbff8a0 9b74c9897bac770ffc029102a200c5de77af3912
sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
""",
    "Log": """
2026-02-11 07:15:42,118 WARNING http.pool conn=41 retry 2/3 after 503 from 10.0.14.7:8443 (182 ms)
[07:15:43] <ann> message 1093847562019384756 deleted in #general by 229384756102938475
Feb 11 07:16:01 node3 kernel: [88123.441920] eth0: link down, rx 1183742 tx 990127
""",
    "URLs": """
https://cdn.example.org/attachments/884736251029384756/1093847562019384756/IMG_2041.png?ex=65f1a2c3&is=65e9
https://www.example.com/watch?v=dQx4w9Wg0cQ&list=PLr5_a8Zk2&index=14 http://localhost:8080/api/v1/users/42
""",
}


def lines(text: str) -> list[str]:
    """Return the messages of a sample."""
    return [line for line in text.strip().splitlines() if line]
