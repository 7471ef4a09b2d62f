from __future__ import annotations
import asyncio, signal, random, os, re
import pytest
from sandbox.discord.acts.threads import delete_channel, start_post
from sandbox.endpoint import Behaviour
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.process.test_gone import restart
from tests.e2e.agreement import kept_pictures, by_bot

@pytest.mark.parametrize("seed", [int(x) for x in os.environ.get("SEEDS","1").split(",")])
async def test_stress(tmp_path, seed):
  rng = random.Random(seed)
  async with open_stage(tmp_path) as stage:
    world = stage.discord.world
    await stage.until(lambda: bool(world.application.commands))
    people=[world.person(n) for n in ("alice","bob","dora")]
    gone=[]; stays=[]
    jobs=set()
    art=world.channel("art")
    for n in range(30):
        if not stage.bot.running:
            await restart(stage)
        s=f"SECRETX{n:03d}Q"
        user=rng.choice(people); kind=rng.choice(["mention","mention","ask","draw","thread","pic","forum"])
        ch=rng.choice([stage.general, art])
        try:
            if kind=="mention": p=await world.say(user, ch, f"{world.bot.mention} my {s} is x")
            elif kind=="pic": p=await world.say(user, ch, f"{world.bot.mention} draw a {s} fox")
            elif kind=="thread":
                st=await world.say(user, ch, f"hello {n}"); th=await world.start_thread(user, st, "t")
                p=await world.say(user, th, f"{world.bot.mention} my {s} is x"); ch=th
            elif kind=="forum":
                post=await world.start_post(user, world.channel("questions"), "post", f"{world.bot.mention} my {s} is z"); p=post.messages[post.id]; ch=post
            else: p=await world.slash(user, ch, kind, {"prompt": f"a {s} thing"})
        except Exception as e:
            print("skip", kind, type(e), e); continue
        await asyncio.sleep(rng.choice([0,0.005,0.02,0.05,0.1,0.3,0.8,2]))
        if kind in ("mention","thread","pic","forum"):
            try: await world.delete(user, p)
            except Exception as e: print("nodel", e); continue
            gone.append((s,kind))
        else:
            await stage.until(lambda: True)
            mine=[m for m in ch.messages.values() if m.author is world.bot and s in m.content]
            if not mine:
                try: await stage.until(lambda: any(m.author is world.bot and s in m.content for m in ch.messages.values()), timeout_s=15)
                except BaseException: print("no answer", kind); continue
                mine=[m for m in ch.messages.values() if m.author is world.bot and s in m.content]
            for m in mine:
                await world.delete(world.person("alice"), m)
            gone.append((s,kind))
        if rng.random()<.35:
            await asyncio.sleep(rng.choice([0,0.02,0.05,0.2]))
            await stage.bot.end(signal.SIGKILL)
            gone[-1]+=("killed",)
    if not stage.bot.running: await restart(stage)
    await asyncio.sleep(12)
    await stage.bot.end(signal.SIGTERM)
    left=[]
    data=b"".join(p.read_bytes() for p in stage.database.parent.glob("bot.db*"))
    pics=b"".join((stage.bot.folder/"data"/"pictures"/x).read_bytes() for x in kept_pictures(stage) if (stage.bot.folder/"data"/"pictures"/x).is_file())
    shown="\n".join(m.content for c in world.channels.values() for m in list(c.messages.values())+list(c.ephemerals.values()))
    for g in gone:
        s=g[0]
        where=[w for w,d in (("db",data),("pics",pics),("shown",shown.encode()),("log",stage.bot.log.encode())) if s.encode() in d]
        if where:
            print("LEFT", g, where)
            for t,c in (("messages","text"),("turns","prompt||text"),("turn_versions","text"),("drawings","prompt")):
                rows=await stage.rows(f"SELECT * FROM {t} WHERE {c} LIKE ?", f"%{s}%")
                if rows: print("   ", t, rows)
    print("DONE", seed, len(gone), len(kept_pictures(stage)))
