"""Hanzi that sound alike: one line a syllable (without its tone), the most frequent first.

Frequent characters (of GB 2312, level 1) under the reading that at least 95 of 100 of their occurrences have. Counted in
the statutes, the questions of the training families, lay questions and the shipped cases; readings in context by
pypinyin 0.55. A character of several frequent readings (还, 行, 长) is left out.
"""

from __future__ import annotations

SYLLABLES = """
a:啊阿 ai:碍爱哀挨艾哎 an:案安按岸暗俺氨胺 ao:澳凹熬袄 ba:八把吧爸拔霸巴罢叭疤坝靶 bai:百拜白败摆 ban:办半版班般板搬颁斑伴瓣拌扮 bang:帮绑镑谤傍邦榜棒 bao:保包报宝抱暴爆胞饱雹薄堡
bei:被备倍杯贝背北辈碑 ben:本笨奔苯 beng:泵蹦崩 bi:笔比必避币闭壁毕弊蔽逼彼鼻庇 bian:编变边辩遍辨贬扁辫 biao:标表 bie:别瘪 bin:宾濒滨 bing:并病冰丙饼兵秉
bo:播拨舶驳玻博剥菠波搏脖卜伯膊铂 bu:不部补布步捕簿哺怖 ca:擦 cai:才财裁采材菜彩踩猜 can:餐残掺惨蚕灿 cang:仓藏舱苍 cao:草操槽 ce:册测策侧厕 ceng:层曾蹭 cha:查察插茶叉岔碴茬诧
chai:拆柴 chan:产铲缠阐 chang:偿场常厂尝唱倡畅肠昌 chao:超吵抄潮炒钞 che:车撤扯彻 chen:尘陈晨沉衬趁 cheng:承成程城称橙乘澄惩秤诚呈逞撑 chi:持迟吃尺池驰赤侈齿斥耻 chong:充冲宠虫崇
chou:抽酬筹臭丑畴瞅愁绸仇 chu:出处除初储础触楚厨橱 chuai:揣 chuan:传船穿串喘川 chuang:床创窗闯幢 chui:吹垂锤炊 chun:春纯醇 chuo:戳 ci:次此疵辞瓷词慈刺磁伺茨 cong:从葱
cou:凑 cu:促粗 cuan:篡蹿窜 cui:催瘁翠脆崔摧 cun:存村寸 cuo:错措磋撮挫 da:大打达答搭瘩 dai:代贷带待袋戴逮怠歹 dan:单担但蛋耽诞旦淡丹氮胆 dang:当档挡党荡 dao:到道导盗倒稻岛刀蹈捣
de:的得德 deng:等登灯蹬邓 di:第地抵递低底滴弟缔涤迪敌帝堤 dian:典电点店垫颠掂殿惦碘 diao:掉吊雕钓叼刁 die:叠跌爹碟谍迭蝶 ding:定订顶钉丁盯 diu:丢 dong:动东冻董栋洞懂冬
dou:都豆兜抖斗逗痘陡 du:度督独毒堵肚读赌渡镀 duan:断段短端锻 dui:对兑堆队 dun:顿囤盾吨蹲 duo:多朵夺堕躲剁 e:额恶鹅饿讹遏鄂 er:二儿耳而尔 fa:法发罚伐乏阀 fan:反犯返范翻饭烦番凡泛贩繁
fang:方房放防访仿妨坊纺 fei:费非飞废肥肺诽啡匪 fen:分纷份粉坟氛粪焚奋芬愤 feng:封风缝疯锋凤蜂奉丰峰逢 fou:否 fu:付服复府负符附父妇夫副傅抚辅腐扶浮福幅氟肤覆腹赋 ga:嘎 gai:改该盖概钙溉
gan:干感赶敢甘肝杆秆竿柑 gang:刚港岗钢缸纲杠 gao:高告糕稿搞膏 ge:个格各隔哥割搁歌疙革胳鸽咯蛤阁 gen:根跟 geng:更耕梗 gong:工公供共功贡恭躬拱攻巩宫 gou:构购够勾狗沟垢钩
gu:故股固估鼓顾古雇姑骨谷菇孤 gua:挂瓜刮寡剐 guai:怪拐 guan:关管观官馆罐灌惯冠贯 guang:光广逛 gui:规柜归贵轨闺瑰龟鬼 gun:滚棍 guo:过国果裹锅 ha:哈 hai:害海孩亥骸
han:含函汗焊喊韩寒汉涵憾旱罕 hang:航杭 hao:好号耗毫豪浩 he:合和何核禾盒鹤荷喝河贺 hei:黑嘿 hen:很痕狠恨 heng:横衡恒哼 hong:红轰烘洪哄弘宏 hou:后候吼厚猴侯喉 hu:户护壶互呼忽糊乎湖胡狐蝴
hua:话花华划化画滑 huai:坏怀槐 huan:换环患缓欢唤幻痪 huang:黄荒谎慌晃簧 hui:会回悔惠毁汇恢灰挥贿绘秽慧徽辉 hun:婚混昏荤 huo:或货活伙火获祸霍豁 ji:集机几寄及级记计继己济基技际急即激积纪疾圾击迹剂
jia:家价加假驾架甲嫁佳夹嘉 jian:件间检建监见鉴健减剪键简荐坚践拣捡兼肩俭贱艰笺碱 jiang:将降讲奖疆江浆酱匠僵 jiao:交教缴叫脚较胶铰浇饺矫焦郊绞轿 jie:解接结借节届介截洁姐戒阶界街劫诫捷揭皆秸桔竭
jin:金进今禁仅近斤尽紧劲巾浸津晋谨筋 jing:经境鲸精警竞静净景京井镜径竟茎睛晶敬 jiu:九就久纠旧救酒究舅揪臼咎 ju:据具拒居举局拘句剧距矩巨聚鞠疽俱惧 juan:卷捐眷倦 jue:决绝掘 jun:均竣军菌浚 ka:卡咖
kai:开慨 kan:看槛勘砍刊坎 kang:康抗扛 kao:考靠拷烤 ke:可客课克壳科刻颗磕咳柯苛 ken:肯垦啃 keng:吭坑 kong:空控孔恐 kou:扣口抠 ku:库裤苦枯哭窟 kua:跨夸垮 kuai:快块筷
kuan:款宽 kuang:况筐框矿狂 kui:馈亏窥葵溃魁盔 kun:困昆捆 kuo:括扩阔 la:拉垃啦辣喇腊蜡 lai:来赖莱 lan:澜揽烂拦蓝滥栏兰览篮懒缆阑 lang:浪廊 lao:劳老姥烙牢捞酪涝 le:了
lei:类累雷肋泪 leng:冷 li:理里利立例力礼栗离李励历厘璃梨粒隶黎哩丽狸荔莉痢 lia:俩 lian:联连链莲脸练廉帘炼恋 liang:两量辆良亮粮凉谅梁粱晾 liao:料疗聊撂辽僚 lie:列裂劣烈 lin:赁邻临林淋拎
ling:零另领令龄铃凌灵岭玲 liu:六留流榴溜琉刘 long:隆龙笼拢聋垄窿 lou:楼漏娄 lu:录路鹿鲁陆赂炉碌 luan:乱卵 lun:论轮伦纶仑 luo:络落螺萝逻洛裸锣箩 lv:律旅履率绿虑滤驴氯屡 lve:略
ma:吗码嘛妈骂马麻蚂 mai:买卖麦埋迈 man:满慢瞒漫曼馒蛮 mang:忙盲芒 mao:毛冒猫帽矛贸貌茅茂锚 me:么 mei:每美妹媒梅霉枚玫煤昧 men:们门闷 meng:蒙盟猛 mi:密米秘蜜迷弥泌 mian:免面棉娩眠绵勉
miao:描秒苗妙 mie:灭蔑 min:民敏闽 ming:明名命铭 mo:膜默末莫摸磨漠沫摩墨摹陌蘑寞魔 mou:某谋牟 mu:目母木幕姆募慕牧睦拇亩墓 na:那哪拿纳呐 nai:奶耐乃 nan:难男南 nao:脑闹挠 ne:呢
nei:内 nen:嫩 neng:能 ni:你拟匿泥溺尼腻逆 nian:年念碾蔫撵 niang:娘 niao:尿鸟 nie:捏 nin:您 ning:凝拧宁 niu:牛钮扭纽 nong:农弄浓 nu:努怒 nuan:暖 nuo:诺挪糯
nv:女 nve:虐疟 o:哦 ou:偶欧殴呕 pa:爬怕趴帕 pai:拍排牌派 pan:判盘叛攀 pang:旁胖 pao:跑泡抛炮刨 pei:赔配陪培佩胚 pen:盆喷 peng:朋碰棚膨篷澎 pi:批皮披屁匹啤坯劈毗疲
pian:骗片偏篇 piao:票漂飘 pin:品频聘拼贫 ping:平评凭屏瓶苹坪萍 po:破婆迫泼坡 pou:剖 pu:铺普葡谱脯扑埔仆 qi:七期其起企器气欺妻弃骑齐启汽漆契歧旗奇戚砌乞讫岂 qia:恰掐
qian:钱前千签欠歉迁遣牵潜浅铅嵌 qiang:强抢墙枪腔呛 qiao:桥敲瞧侨撬巧翘悄 qie:且窃切茄 qin:侵亲勤禽琴寝 qing:请情清轻青倾庆擎晴顷 qiu:求球秋丘 qu:取去区渠驱曲趋娶趣 quan:权全券劝圈犬泉醛
que:确缺雀却瘸 qun:群裙 ran:染然燃 rang:让壤 rao:扰绕饶 re:热惹 ren:人任认仁妊忍刃 reng:仍扔 ri:日 rong:容融绒荣溶熔 rou:肉 ru:如入辱乳 ruan:软 rui:瑞 run:润
ruo:若弱 sa:洒撒萨 sai:赛腮 san:三散伞 sang:丧桑 sao:扫骚嫂 se:色涩 sen:森 sha:啥杀沙砂刹莎傻煞纱 shai:晒筛 shan:删擅善闪赡山衫缮扇煽杉 shang:商上伤尚赏裳
shao:少烧勺稍绍捎 she:设社涉摄奢射舍赊赦 shen:审申什身神慎渗深娠伸甚 sheng:生剩声省升胜甥绳圣盛牲 shi:十是时市事释适实使施失式示视食师石饰试识始驶氏室 shou:收手受售首授守寿兽瘦
shu:数书属术输述束殊署树熟鼠叔疏暑蔬赎舒梳竖薯孰枢恕 shua:刷耍 shuai:摔甩衰 shuan:栓拴 shuang:双霜爽 shui:水税睡 shun:顺 shuo:说硕 si:四司死私撕思饲丝斯肆 song:讼送松宋颂
sou:搜嗽 su:诉速宿素塑溯俗苏粟 suan:算酸蒜 sui:岁碎随穗虽遂隧髓 sun:损孙 suo:所索锁梭缩唆 ta:他它她塌踏塔 tai:台太态抬胎汰泰 tan:摊谈毯探滩贪瘫碳炭痰坛坍袒 tang:趟堂糖汤烫躺塘淌唐
tao:套掏逃讨桃淘陶萄 te:特 teng:疼腾藤 ti:提题体替梯剃屉踢嚏剔 tian:天填田添甜 tiao:条跳挑 tie:贴铁帖 ting:听停庭厅挺艇 tong:同桐通统铜童桶筒痛捅彤 tou:头投偷透
tu:土图途突徒吐涂秃兔屠 tuan:团 tui:退推腿褪 tun:吞 tuo:托拖脱妥 wa:娃挖袜瓦哇 wai:外歪 wan:完晚万湾玩碗腕弯挽宛 wang:网亡忘往望王旺枉汪 wei:为未位违委围维卫危微伪味尾威慰喂唯胃萎伟惟谓
wen:问文温闻稳纹蚊瘟 weng:嗡翁 wo:我窝握卧蜗 wu:五物务无屋误污午侮乌舞勿武雾伍呜诬捂钨芜 xi:息系西席洗细喜戏吸习媳希悉析晰袭夕隙稀惜熄硒膝 xia:下辖虾夏瞎匣暇 xian:限险现先鲜线显嫌县陷宪闲献衔仙咸腺馅贤纤
xiang:想向相项响箱享像乡象巷香详镶厢 xiao:消小效销校肖晓淆笑哮宵 xie:写些协鞋蟹胁械携泄歇谢卸泻谐挟邪斜 xin:信新心薪芯辛衅锌欣 xing:刑性形星型姓醒杏兴幸猩 xiong:胸兄雄凶熊 xiu:修休绣锈秀袖朽
xu:许需序续须虚恤蓄婿绪絮叙徐旭酗 xuan:选宣玄悬旋癣 xue:学雪削靴穴 xun:询训讯循寻旬迅熏巡汛勋驯 ya:押呀压芽牙哑鸭亚丫衙鸦 yan:延验烟严言演研眼颜雁砚炎沿宴盐淹艳咽岩掩 yang:样养羊阳洋扬央氧仰杨痒
yao:要药咬邀腰遥摇钥谣窑耀 ye:业也野页液夜爷叶耶冶曳 yi:一以已议依意医益义遗衣易疑异移宜疫役椅艺乙译仪姨 yin:因银音隐引姻印饮淫 ying:应营影婴硬赢映英萤蝇迎盈颖樱 yong:用佣拥永泳涌勇
you:有由游邮又优友油幼右诱犹悠忧佑 yu:于与予预余育逾语鱼域遇屿誉羽雨豫玉愉娱狱御浴寓舆 yuan:院员元原源愿园远援怨圆冤缘垣 yue:月约阅越粤岳跃悦 yun:运云允孕晕匀 za:咋砸杂 zai:在再载灾栽宰哉 zan:暂攒赞
zang:脏葬赃 zao:造早噪遭澡皂凿糟燥蚤躁 ze:责则择泽 zei:贼 zen:怎 zeng:赠增 zha:诈炸闸札渣眨榨 zhai:债宅摘窄 zhan:展站占栈战粘沾斩 zhang:章账张障帐涨丈掌胀彰樟杖
zhao:照找招召罩兆肇 zhe:者这折遮哲 zhen:真镇诊侦针阵疹震枕贞振珍 zheng:政证正整争征症郑挣蒸 zhi:制质之直支知职止致织只指执置治值至址纸志智植滞秩 zhong:中种钟仲终众肿忠 zhou:周洲轴州骤粥皱
zhu:主注住著助筑嘱珠煮祝贮逐驻柱烛竹蛛株猪蛀铸 zhua:抓爪 zhuai:拽 zhuan:转专砖赚撰 zhuang:装状撞妆庄桩壮 zhui:追坠椎 zhun:准 zhuo:桌酌卓 zi:自子资字咨渍滋姿籽 zong:总综踪宗纵
zou:走奏 zu:租组足族阻祖 zuan:钻 zui:最罪嘴醉 zun:遵尊 zuo:作坐做昨左座佐
"""
