// What every page runs. Each part looks for its data-attributes and does nothing where there are none; pages work without it.
import { startForms } from "./js/forms.js";
import { startLive } from "./js/live.js";
import { startFilters } from "./js/filter.js";
import { startTools } from "./js/tools.js";
import { startRings } from "./js/rings.js";
import { startKeep } from "./js/keep.js";
import { startWizard } from "./js/wizard.js";
import { startMaps } from "./js/maps.js";
import { startPhotoPlace } from "./js/photo_place.js";
import { startAway } from "./js/away.js";
import { startSearch } from "./js/search.js";
import { startGuess } from "./js/guess.js";
import { startPlan } from "./js/plan.js";

startForms();
startLive();
startFilters();
startTools();
startRings();
startKeep();
startWizard();
startMaps();
startPhotoPlace();
startAway();
startSearch();
startGuess();
startPlan();
