"""Word lists of the rule in `roles`: closed classes, and the verbs that captions are full of."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    "a an the this these those some several many few various any no all both each every another "
    "other one two three four five six seven eight nine ten dozen multiple numerous"
)
SINGULAR = _words("a an one another this every each")
PLURAL = _words("two three four five six seven eight nine ten several many few these those both")
POSSESSIVES = _words("his her its their my your our")
ADJECTIVES = _words(
    "black white brown red blue green yellow orange pink purple gray grey tan gold golden silver "
    "beige maroon teal blond blonde brunette dark bright light colorful colored colourful striped "
    "spotted plaid small smaller large larger big little tiny huge giant tall short long thin "
    "fat skinny lean young younger old older elderly aged adult male female teenage asian "
    "african american indian caucasian chinese german hispanic hairy haired furry fluffy shaggy "
    "wet dry dirty muddy snowy sandy rocky grassy wooden metal plastic stone brick concrete "
    "inflatable happy cute beautiful different same shirtless topless bald bearded naked barefoot "
    "busy crowded empty steep shallow deep open wide high low stuffed professional"
)
ADVERBS = _words(
    "up out away back together outside outdoors inside indoors alone around down off along over "
    "very just quickly slowly happily high ahead about forward forwards backward backwards "
    "sideways not also there here while upside next close nearby fast downhill uphill upright "
    "underwater ready still"
)
OUTDOORS = _words("outside outdoors inside indoors nearby underwater")
PLACE = _words(
    "in on at near by through across along over under inside outside beside besides behind between "
    "into onto down up around against beneath below above toward towards past off beyond amidst "
    "amid among amongst atop underneath from within throughout upon via alongside aboard"
)
TARGET = _words("with to for of like about without after")
LOOKING = _words(
    "looking staring pointing smiling laughing gazing shooting aiming barking waving yelling "
    "peering glancing throwing biting snarling growling sniffing"
)
AUXILIARIES = _words("is are was were be been being am did can will had")
STOPS = _words(
    "and that which who whose while whilst as when where but or because if so then than during"
)
PRONOUNS = _words(
    "it him them himself herself itself themselves something someone each other another others "
    "she he they what everyone one anything nothing"
)
# "a group of people", "the side of a hill": the word that counts comes after "of".
MEASURES = _words(
    "group groups couple pair pairs lot lots bunch number crowd team line row pack flock herd set "
    "piece pieces type kind variety top front side edge middle center back bottom end base part "
    "close closeup view picture photo image pile bed body out outside inside breed breeds gang "
    "trio handful series midst bowl cup glass bottle"
)
CLOTHES = _words(
    "shirt shirts hat hats cap jacket jackets coat coats dress dresses shorts pants jeans suit "
    "suits skirt robe robes apron top tops outfit outfits uniform uniforms costume costumes gear "
    "clothes clothing vest "
    "sweater sweatshirt hoodie helmet helmets glasses sunglasses goggles shoes boots sandals "
    "gloves scarf bikini bikinis swimsuit swimsuits trunks wetsuit wetsuits vests tights "
    "trousers overalls pajamas tie harness collar muzzle jersey jerseys backpack tuxedo attire "
    "wig mask stripes bandana headphones visor leotard tutu kimono hair leash skis"
)
BODY = _words(
    "mouth mouths hand hands arm arms leg legs head heads shoulder shoulders lap feet "
    "foot ear ears eyes neck knees paws tongue chest finger fingers"
)
NO_PLACE = (
    CLOTHES
    | BODY
    | _words(
        "day night sunset distance time front back side top line row fun play action motion way "
        "daytime evening morning afternoon camera direction"
    )
)
# In -ing or -ed, and neither verb nor participle.
NO_VERBS = _words(
    "building railing clothing wedding ceiling evening morning ring string spring swing king wing "
    "thing something somthing nothing anything everything painting sibling earring sling "
    "awning outcropping setting matching opposing lighting interesting flooring stocking flaming "
    "red bed sled shed speed weed reed seed feed breed hundred moped"
)
LY_NOUNS = _words("family butterfly fly belly jelly trolley bully ally dolly assembly rally")
# "swimming pool", "parking lot": no verb before these.
THING_VERBS = _words(
    "swimming parking shopping bathing vending diving boxing climbing wrestling fishing wading "
    "skating surfing riding running playing bowling sewing landing hiking"
)
THINGS = _words(
    "pool pools lot lots cart carts mall suit suits trunks machine machines board boards gear ring "
    "match wall center area bag bags rod rods pole poles rink shoes track field alley trail strip "
    "hat"
)
# "a man rock climbing": the word before the verb belongs to it.
COMPOUNDS = _words(
    "rock water snow ice horse horseback bull bike dirt river mountain wind roller rope skate "
    "bungee rafting kite wake inline para white body scuba wall belly"
)
COMPOUND_VERBS = _words(
    "climbing riding skiing biking boarding rafting surfing skating hiking sailing diving dancing"
)
NO_FINITE = _words(
    "tennis sports glasses sunglasses jeans shorts clothes motocross christmas pants skis goggles "
    "overalls trunks gymnastics headphones stairs woods news athletics rapids arts topless "
    "shirtless homeless lens bus has is was this dresses suits skirts hats shirts jackets shorts "
    "tops uniforms players dogs boys girls men kids guys lights"
)
# Behind "a" and a noun these are no verbs: "a fair ride".
NOUNS_TOO = _words(
    "ride swing slide park race surf ski jump track dive drive walk game box coach bike"
)
IRREGULAR_PLURALS = _words("people men women children police geese sheep they")
# "picks up a ball": here "up" is no preposition.
PARTICLE_VERBS = _words("picking blowing kicking holding putting lifting throwing giving sticking")
PARTICLES = _words("up out off down")
# Tell little: they give way to any verb that comes later.
WEAK = _words(
    "wearing having trying attempting preparing getting appearing beginning starting going being "
    "seeming sporting pretending"
)
PARTICIPLES = {
    "seated": "sitting",
    "perched": "sitting",
    "gathered": "gathering",
    "crouched": "crouching",
    "posed": "posing",
    "dressed": "wearing",
    "sat": "sitting",
    "stood": "standing",
    "ran": "running",
}

_BASES = """
act address adjust admire aim appear applaud apply approach argue ascend ask assist attack attempt
await back balance bark barrel bask bat bathe battle beat beg begin bend bicycle bike bite block
blow board bounce bound bowl box break bring brush buck build bump burn bury buy camp canoe
capture carry carve cast catch celebrate charge chase chat check cheer chew chop circle clap clean
clear climb cling clutch coach collect come compete conduct confront converge converse cook cover
crash crawl cross crouch crowd cry curl cut cycle dance dangle dart dash defend demonstrate
descend dig dine dip direct discuss display dive do drag draw dress dribble drink drip drive drop
drum dry dunk eat embrace emerge enjoy enter examine exercise exit explore face fall fan feed
fetch fight fill film find fire fish fix flap flee flex flip float fly fold follow frolic frown
gain gallop gather gaze gesture get give glide gnaw go grab grasp graze greet grill grin grind
grip groom growl guard guide hand hang haul have head help herd hide hike hit hoist hold hop hover
howl huddle hug hunt hurdle hurl inflate inspect interact jet jog join juggle jump kayak kick kiss
kneel knit land lap laugh lay lead lean leap learn leave lick lie lift light listen load look
lounge lunge make maneuver march meet mingle motion mount move mow munch nap navigate nibble
nuzzle observe offer open operate overlook pack paddle paint parachute parasail park participate
pass pay pedal peddle peek peel peer perch perform pet photograph pick pile pitch place play plow
plunge point poke pose pounce pour practice prance pray prepare press pretend pull punch push put
race raise ram rappel reach read reflect relax repair repel rest retrieve return ride rock roll
rollerblade rollerskate rope round row rub rummage run rush sail say scale scoot score scramble
scratch scream sculpt search see seek seem sell set sew shake share shoot shop shout shovel show
signal sing sit skate skateboard ski skip slam sled sleep slide slip smell smile smoke snap snarl
sniff snowboard soar spar speak spin spit splash sport spray squat squeeze squirt stack stand
stare start steer step stick stir stop stretch strike stroll struggle strum suck sunbathe support
surf swat sweep swim swing swoop tackle take talk tap throw tie tip toss touch tow trail train
travel tread trot try tug tumble turn twirl twist use vault view wade wag wait wakeboard walk
wander warm wash watch waterski wave wear wheel whisper wield work wrap wrestle write yawn yell
"""


def _ing(base: str) -> str:
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if re.fullmatch("[^aeiou]*[aeiou][^aeiouwxy]", base):
        return f"{base}{base[-1]}ing"
    silent = base.endswith("e") and not base.endswith(("ee", "oe", "ye"))
    return (base[:-1] if silent else base) + "ing"


def _third_person(base: str) -> str:
    if re.search("[^aeiou]y$", base):
        return base[:-1] + "ies"
    return base + ("es" if re.search("(s|sh|ch|x|z|[^aeiou]o|^go|^do)$", base) else "s")


BASE_FORMS = {base: _ing(base) for base in _BASES.split()}
THIRD_PERSONS = {_third_person(base): ing for base, ing in BASE_FORMS.items()}
SAME_VERBS = {"laying": "lying"}
THIRD_PERSONS["has"] = BASE_FORMS["have"]


def third_person(word: str) -> str:
    """Turn any verb in -s, such as "wards", into its -ing form."""
    return THIRD_PERSONS.get(word) or _ing(word[:-1])
